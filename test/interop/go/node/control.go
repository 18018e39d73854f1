package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	observerpb "github.com/cilium/cilium/api/v1/observer"
)

// maxFlow bounds one posted flow: a length beyond it is a stream out of step.
const maxFlow = 1 << 20

func newControl(f *feed, nodes *nodeList) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /flows", answer(func(r *http.Request) (any, error) {
		next := lines
		if r.Header.Get("Content-Type") == "application/x-protobuf" {
			next = delimited
		}
		return postFlows(f, r, next)
	}))
	mux.HandleFunc("POST /lost", answer(func(r *http.Request) (any, error) {
		var lost struct {
			Source string `json:"source"`
			Count  uint64 `json:"count"`
			CPU    int    `json:"cpu"`
		}
		if err := decode(r, &lost); err != nil {
			return nil, err
		}
		if err := f.lost(lost.Source, lost.Count, lost.CPU); err != nil {
			return nil, err
		}
		f.settle()
		return lost, nil
	}))
	mux.HandleFunc("POST /agent-event", answer(func(*http.Request) (any, error) {
		f.agentEvent()
		f.settle()
		return struct{}{}, nil
	}))
	mux.HandleFunc("PUT /peers", answer(func(r *http.Request) (any, error) {
		var wanted []node
		if err := decode(r, &wanted); err != nil {
			return nil, err
		}
		for _, n := range wanted {
			if err := n.check(); err != nil {
				return nil, err
			}
		}
		return nodes.set(wanted), nil
	}))
	mux.HandleFunc("GET /peers", answer(func(*http.Request) (any, error) { return nodes.list(), nil }))
	mux.HandleFunc("GET /status", answer(func(r *http.Request) (any, error) { return status(r.Context(), f) }))
	return mux
}

// answer writes what handle returns, or its error with status 400.
func answer(handle func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := handle(r)
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			body = map[string]string{"error": err.Error()}
		}
		_ = json.NewEncoder(w).Encode(body)
	}
}

func decode(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// reader returns the next serialized flow.Flow, or io.EOF.
type reader func(body *bufio.Reader, discardUnknown bool) ([]byte, error)

// postFlows feeds the flows as they arrive and answers once all are in the ring.
func postFlows(f *feed, r *http.Request, next reader) (any, error) {
	query := r.URL.Query()
	discard, overflow := query.Get("unknown") == "discard", query.Get("queue") == "overflow"
	body := bufio.NewReaderSize(r.Body, 1<<16)
	for accepted := 0; ; accepted++ {
		data, err := next(body, discard)
		if errors.Is(err, io.EOF) {
			f.settle()
			return map[string]int{"accepted": accepted}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("flow %d: %w", accepted+1, err)
		}
		f.flow(data, overflow)
	}
}

// lines reads newline-delimited protojson. Blank lines are skipped.
func lines(body *bufio.Reader, discardUnknown bool) ([]byte, error) {
	for {
		line, err := body.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) == 0 {
			if err != nil {
				return nil, err
			}
			continue
		}
		flow := &flowpb.Flow{}
		if err := (protojson.UnmarshalOptions{DiscardUnknown: discardUnknown}).Unmarshal(line, flow); err != nil {
			return nil, err
		}
		return proto.Marshal(flow)
	}
}

// delimited reads messages that are each preceded by their length as a varint.
func delimited(body *bufio.Reader, _ bool) ([]byte, error) {
	length, err := binary.ReadUvarint(body)
	if err != nil {
		return nil, err
	}
	if length > maxFlow {
		return nil, fmt.Errorf("a length of %d bytes: the stream is out of step", length)
	}
	data := make([]byte, length)
	if _, err := io.ReadFull(body, data); err != nil {
		return nil, fmt.Errorf("cut off: %v", err)
	}
	return data, nil
}

// status is the node's own ServerStatus and how many events of any kind were
// ever written to the ring.
func status(ctx context.Context, f *feed) (any, error) {
	s, err := f.observer.ServerStatus(ctx, &observerpb.ServerStatusRequest{})
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"seen":    s.GetSeenFlows(),
		"ring":    map[string]uint64{"length": s.GetNumFlows(), "capacity": s.GetMaxFlows()},
		"written": f.observer.GetRingBuffer().LastWrite() + 1,
		"version": s.GetVersion(),
	}, nil
}
