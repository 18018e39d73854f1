// Command node is one Cilium node's Hubble without the datapath: Cilium's own
// observer, ring, filters, gRPC server and peer service, fed with the flows that
// a test posts to its control port. See ../../README.md.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/cilium/cilium/pkg/hubble/build"
	nodeTypes "github.com/cilium/cilium/pkg/node/types"
	"github.com/cilium/cilium/pkg/option"
)

// config is what the agent takes from cilium-config, as far as Hubble reads it.
type config struct {
	name, cluster  string
	listen, socket string
	control        string
	ring, queue    int
	agentEvents    int
	background     time.Duration
	labels         []string
	cert, key      string
	clientCAs      []string
}

func parseFlags() config {
	c := config{}
	var labels, clientCAs string
	flag.StringVar(&c.name, "name", "node-1", "node name, without the cluster")
	flag.StringVar(&c.cluster, "cluster", "default", "cluster name; one other than default becomes part of node_name")
	flag.StringVar(&c.listen, "listen", "127.0.0.1:0", "TCP address of the Hubble server; empty: none")
	flag.StringVar(&c.socket, "socket", "", "path of a unix socket to serve Hubble on as well, without TLS as in an agent")
	flag.StringVar(&c.control, "control", "127.0.0.1:0", "address of the control port")
	flag.IntVar(&c.ring, "ring", 4095, "ring capacity, 2^n-1 (hubble-event-buffer-capacity)")
	flag.IntVar(&c.queue, "queue", 1024, "events queue in front of the ring (hubble-event-queue-size)")
	flag.IntVar(&c.agentEvents, "agent-events", 3, "agent events in the ring at start, as a starting agent leaves them")
	flag.DurationVar(&c.background, "background", 0, "write an agent event this often; 0: never")
	flag.StringVar(&labels, "labels", "", "node labels, comma separated key=value")
	flag.StringVar(&c.cert, "tls-cert", "", "server certificate; turns TLS on for the TCP address")
	flag.StringVar(&c.key, "tls-key", "", "key of the server certificate")
	flag.StringVar(&clientCAs, "tls-client-ca", "", "CA files, comma separated; turns mTLS on")
	flag.Parse()
	c.labels, c.clientCAs = list(labels), list(clientCAs)
	return c
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

func main() {
	if err := run(parseFlags()); err != nil {
		fmt.Fprintln(os.Stderr, "node:", err)
		os.Exit(1)
	}
}

func run(c config) error {
	option.Config.ClusterName = c.cluster
	nodeTypes.SetName(c.name)

	feed, err := newFeed(c)
	if err != nil {
		return fmt.Errorf("observer: %w", err)
	}
	nodes := newNodeList()
	servers, err := newServers(c, feed.observer, nodes)
	if err != nil {
		return fmt.Errorf("hubble server: %w", err)
	}
	controlListener, err := net.Listen("tcp", c.control)
	if err != nil {
		return fmt.Errorf("control port: %w", err)
	}
	control := &http.Server{Handler: newControl(feed, nodes)}

	ended := make(chan error, 3)
	servers.serve(ended)
	go func() { ended <- control.Serve(controlListener) }()
	feed.start(c.agentEvents, c.background)

	if err := json.NewEncoder(os.Stdout).Encode(map[string]any{
		"node":    nodeTypes.GetAbsoluteNodeName(),
		"hubble":  servers.address,
		"socket":  c.socket,
		"control": controlListener.Addr().String(),
		"version": build.ServerVersion.Core,
	}); err != nil {
		return err
	}

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	select {
	case <-ctx.Done():
		servers.stop()
		return control.Close()
	case err := <-ended:
		return err
	}
}
