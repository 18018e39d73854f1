package main

import (
	"fmt"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	v1 "github.com/cilium/cilium/pkg/hubble/api/v1"
	"github.com/cilium/cilium/pkg/hubble/container"
	"github.com/cilium/cilium/pkg/hubble/observer"
	"github.com/cilium/cilium/pkg/hubble/observer/observeroption"
	observerTypes "github.com/cilium/cilium/pkg/hubble/observer/types"
	"github.com/cilium/cilium/pkg/hubble/parser"
	parserErrors "github.com/cilium/cilium/pkg/hubble/parser/errors"
	monitorAPI "github.com/cilium/cilium/pkg/monitor/api"
	nodeTypes "github.com/cilium/cilium/pkg/node/types"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// consumer is the part of Cilium's Hubble monitor consumer that writes to the
// observer's events queue.
type consumer interface {
	NotifyAgentEvent(typ int, message any)
	NotifyPerfEvent(data []byte, cpu int)
	NotifyPerfEventLost(numLostEvents uint64, cpu int)
}

// feed takes flows the way an agent takes perf events: consumer, events queue,
// decoder, ring. One writer at a time, as the agent's monitor is.
type feed struct {
	mu       sync.Mutex
	observer *observer.LocalObserverServer
	consumer consumer
}

func newFeed(c config) (*feed, error) {
	capacity, err := container.NewCapacity(c.ring)
	if err != nil {
		return nil, err
	}
	real, err := newParser()
	if err != nil {
		return nil, err
	}
	hubble, err := newObserver(decoder{real},
		observeroption.WithMaxFlows(capacity),
		observeroption.WithMonitorBuffer(c.queue),
		observeroption.WithOnDecodedFlowFunc(nodeLabels(c.labels)),
	)
	if err != nil {
		return nil, err
	}
	return &feed{observer: hubble, consumer: newConsumer(hubble)}, nil
}

func (f *feed) start(agentEvents int, background time.Duration) {
	go f.observer.Start()
	for range agentEvents {
		f.agentEvent()
	}
	f.settle()
	if background == 0 {
		return
	}
	go func() {
		for range time.Tick(background) {
			f.agentEvent()
		}
	}()
}

// flow hands over one serialized flow.Flow. When the events queue is full it
// waits for room, or, if asked to overflow, lets the consumer drop the event and
// count it, as an agent does.
func (f *feed) flow(data []byte, overflow bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !overflow {
		f.waitForRoom()
	}
	f.consumer.NotifyPerfEvent(data, 0)
}

// lost reports events that were lost before the ring.
func (f *feed) lost(source string, count uint64, cpu int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waitForRoom()
	switch source {
	case "PERF_EVENT_RING_BUFFER":
		f.consumer.NotifyPerfEventLost(count, cpu)
	case "OBSERVER_EVENTS_QUEUE":
		// What the consumer sends once its queue has room again.
		f.send(&observerTypes.LostEvent{Source: observerTypes.LostEventSourceEventsQueue, NumLostEvents: count})
	default:
		return fmt.Errorf("source %q: expected PERF_EVENT_RING_BUFFER or OBSERVER_EVENTS_QUEUE "+
			"(HUBBLE_RING_BUFFER is the ring's own word: overrun a reader to get it)", source)
	}
	return nil
}

// agentEvent writes an event that is no flow: it takes a place in the ring and
// no client of GetFlows gets it.
func (f *feed) agentEvent() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waitForRoom()
	f.consumer.NotifyAgentEvent(monitorAPI.MessageTypeAgent, monitorAPI.StartMessage(time.Now()))
}

// settle returns when everything handed over before is in the ring.
func (f *feed) settle() {
	done := make(barrier)
	f.mu.Lock()
	f.send(done)
	f.mu.Unlock()
	<-done
}

func (f *feed) send(payload any) {
	f.observer.GetEventsChannel() <- &observerTypes.MonitorEvent{
		Timestamp: time.Now(),
		NodeName:  nodeTypes.GetAbsoluteNodeName(),
		Payload:   payload,
	}
}

func (f *feed) waitForRoom() {
	for queue := f.observer.GetEventsChannel(); len(queue) == cap(queue); {
		time.Sleep(20 * time.Microsecond)
	}
}

// barrier is a payload that ends at the decoder: closed, all before it is decoded.
type barrier chan struct{}

// decoder reads a flow from what would be a perf event's bytes and leaves
// everything else to Cilium's parser.
type decoder struct{ real parser.Decoder }

// lenient drops fields that this version of Cilium does not know: its agent
// could not have sent them.
var lenient = proto.UnmarshalOptions{DiscardUnknown: true}

func (d decoder) Decode(event *observerTypes.MonitorEvent) (*v1.Event, error) {
	switch payload := event.Payload.(type) {
	case barrier:
		close(payload)
		return nil, parserErrors.ErrEventSkipped
	case *observerTypes.PerfEvent:
		flow := &flowpb.Flow{}
		if err := lenient.Unmarshal(payload.Data, flow); err != nil {
			return nil, err
		}
		fill(flow, event)
		return &v1.Event{Timestamp: flow.GetTime(), Event: flow}, nil
	default:
		return d.real.Decode(event)
	}
}

// fill sets what Cilium's parser sets on every flow, unless the test did.
func fill(flow *flowpb.Flow, event *observerTypes.MonitorEvent) {
	if flow.Time == nil {
		flow.Time = timestamppb.New(event.Timestamp)
	}
	if flow.Uuid == "" {
		flow.Uuid = event.UUID.String()
	}
	if flow.NodeName == "" {
		flow.NodeName = event.NodeName
	}
	fillForVersion(flow)
}
