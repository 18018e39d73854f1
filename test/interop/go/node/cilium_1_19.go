//go:build !cilium1_16

package main

import (
	"log/slog"
	"os"
	"time"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	"github.com/cilium/cilium/pkg/crypto/certloader"
	v1 "github.com/cilium/cilium/pkg/hubble/api/v1"
	"github.com/cilium/cilium/pkg/hubble/monitor"
	"github.com/cilium/cilium/pkg/hubble/observer"
	"github.com/cilium/cilium/pkg/hubble/observer/observeroption"
	"github.com/cilium/cilium/pkg/hubble/parser"
	"github.com/cilium/cilium/pkg/hubble/server"
	"github.com/cilium/cilium/pkg/hubble/server/serveroption"
)

// What differs between the versions: the logger, and what 1.19 has more of.

// lostEventSendInterval is the agent's default (hubble-lost-event-send-interval).
const lostEventSendInterval = time.Second

// tellsVersion: the agent's answers carry the header hubble-server-version.
const tellsVersion = true

var log = slog.New(slog.NewTextHandler(os.Stderr, nil))

func newParser() (parser.Decoder, error) {
	return parser.New(log, nil, nil, nil, nil, nil, nil, nil)
}

func newObserver(decoder parser.Decoder, options ...observeroption.Option) (*observer.LocalObserverServer, error) {
	options = append(options, observeroption.WithLostEventSendInterval(lostEventSendInterval))
	return observer.NewLocalServer(decoder, newNamespaces(), log, options...)
}

func newConsumer(hubble *observer.LocalObserverServer) consumer {
	return monitor.NewConsumer(hubble, lostEventSendInterval)
}

func newServer(options ...serveroption.Option) (*server.Server, error) {
	return server.NewServer(log, options...)
}

func unixSocket(path string) serveroption.Option {
	return serveroption.WithUnixSocketListener(log, path)
}

func watchCertificates(clientCAs []string, cert, key string) (*certloader.WatchedServerConfig, error) {
	return certloader.NewWatchedServerConfig(log, clientCAs, cert, key)
}

func fillForVersion(flow *flowpb.Flow) {
	if flow.Emitter == nil {
		flow.Emitter = &flowpb.Emitter{Name: v1.FlowEmitter, Version: v1.FlowEmitterVersion}
	}
}
