package main

import (
	"context"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/cilium/cilium/pkg/hubble/build"
	"github.com/cilium/cilium/pkg/hubble/observer"
	"github.com/cilium/cilium/pkg/hubble/peer"
	"github.com/cilium/cilium/pkg/hubble/peer/serviceoption"
	"github.com/cilium/cilium/pkg/hubble/server"
	"github.com/cilium/cilium/pkg/hubble/server/serveroption"
)

// servers are the two an agent runs: one on a unix socket, never with TLS, and
// one on TCP, which is the one that Relay asks.
type servers struct {
	address string
	grpc    []*server.Server
	peers   *peer.Service
	certs   interface{ Stop() }
}

func newServers(c config, hubble *observer.LocalObserverServer, nodes *nodeList) (*servers, error) {
	var peerOptions []serviceoption.Option
	if c.cert == "" {
		peerOptions = append(peerOptions, serviceoption.WithoutTLSInfo())
	}
	s := &servers{peers: peer.NewService(nodes, peerOptions...)}
	services := []serveroption.Option{
		serveroption.WithHealthService(),
		serveroption.WithObserverService(hubble),
		serveroption.WithPeerService(addressed{s.peers, nodes}),
		serveroption.WithGRPCUnaryInterceptor(tellVersionOfCall),
		serveroption.WithGRPCStreamInterceptor(tellVersionOfStream),
	}
	if c.socket != "" {
		if err := s.add(append(services, unixSocket(c.socket), serveroption.WithInsecure())); err != nil {
			return nil, err
		}
	}
	if c.listen == "" {
		return s, nil
	}
	listener, err := net.Listen("tcp", c.listen)
	if err != nil {
		return nil, err
	}
	s.address = listener.Addr().String()
	security := serveroption.WithInsecure()
	if c.cert != "" {
		certs, err := watchCertificates(c.clientCAs, c.cert, c.key)
		if err != nil {
			return nil, err
		}
		s.certs = certs
		security = serveroption.WithServerTLS(certs)
	}
	return s, s.add(append(services, on(listener), security))
}

func (s *servers) add(options []serveroption.Option) error {
	srv, err := newServer(options...)
	if err == nil {
		s.grpc = append(s.grpc, srv)
	}
	return err
}

func (s *servers) serve(ended chan<- error) {
	for _, srv := range s.grpc {
		go func() { ended <- srv.Serve() }()
	}
}

// stop does what an agent does when it is asked to end: Stop, which cuts the
// connections, and not GracefulStop, which would let streams end.
func (s *servers) stop() {
	for _, srv := range s.grpc {
		srv.Stop()
	}
	s.peers.Close()
	if s.certs != nil {
		s.certs.Stop()
	}
}

// on gives the server a listener whose port is known; Cilium's own option keeps
// the port that it was given to itself.
func on(listener net.Listener) serveroption.Option {
	return func(o *serveroption.Options) error {
		o.Listener = listener
		return nil
	}
}

var versionHeader = metadata.Pairs("hubble-server-version", build.ServerVersion.SemVer())

func tellVersionOfCall(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if tellsVersion {
		if err := grpc.SetHeader(ctx, versionHeader); err != nil {
			return nil, err
		}
	}
	return handler(ctx, req)
}

func tellVersionOfStream(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if tellsVersion {
		if err := stream.SetHeader(versionHeader); err != nil {
			return err
		}
	}
	return handler(srv, stream)
}
