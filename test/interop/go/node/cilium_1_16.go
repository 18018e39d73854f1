//go:build cilium1_16

package main

import (
	"github.com/sirupsen/logrus"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	"github.com/cilium/cilium/pkg/crypto/certloader"
	"github.com/cilium/cilium/pkg/hubble/monitor"
	"github.com/cilium/cilium/pkg/hubble/observer"
	"github.com/cilium/cilium/pkg/hubble/observer/observeroption"
	"github.com/cilium/cilium/pkg/hubble/parser"
	"github.com/cilium/cilium/pkg/hubble/server"
	"github.com/cilium/cilium/pkg/hubble/server/serveroption"
)

// tellsVersion: agents of 1.16 do not say their version in a header.
const tellsVersion = false

var log = logrus.New()

func newParser() (parser.Decoder, error) {
	return parser.New(log, nil, nil, nil, nil, nil, nil, nil)
}

func newObserver(decoder parser.Decoder, options ...observeroption.Option) (*observer.LocalObserverServer, error) {
	return observer.NewLocalServer(decoder, newNamespaces(), log, options...)
}

func newConsumer(hubble *observer.LocalObserverServer) consumer {
	return monitor.NewConsumer(hubble)
}

func newServer(options ...serveroption.Option) (*server.Server, error) {
	return server.NewServer(log, options...)
}

func unixSocket(path string) serveroption.Option {
	return serveroption.WithUnixSocketListener(path)
}

func watchCertificates(clientCAs []string, cert, key string) (*certloader.WatchedServerConfig, error) {
	return certloader.NewWatchedServerConfig(log, clientCAs, cert, key)
}

// fillForVersion: flows of 1.16 have no emitter.
func fillForVersion(*flowpb.Flow) {}
