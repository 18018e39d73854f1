package main

import (
	"fmt"
	"net"
	"slices"
	"sync"

	peerpb "github.com/cilium/cilium/api/v1/peer"
	datapath "github.com/cilium/cilium/pkg/datapath/types"
	"github.com/cilium/cilium/pkg/hubble/peer"
	"github.com/cilium/cilium/pkg/node/addressing"
	nodeTypes "github.com/cilium/cilium/pkg/node/types"
)

// nodeList stands in for the agent's node manager: it tells Cilium's peer
// service of the nodes that the test names.
type nodeList struct {
	mu       sync.Mutex
	nodes    map[string]node
	handlers []datapath.NodeHandler
}

// node is one entry of PUT /peers.
type node struct {
	Name    string `json:"name"`
	Cluster string `json:"cluster"`
	Address string `json:"address"` // ip:port
}

// change says by full node name what a PUT /peers made the peer service send.
type change struct {
	Added   []string `json:"added"`
	Updated []string `json:"updated"`
	Removed []string `json:"removed"`
}

func newNodeList() *nodeList { return &nodeList{nodes: map[string]node{}} }

// cilium is the node as the node manager would know it.
func (n node) cilium() nodeTypes.Node {
	host, _, _ := net.SplitHostPort(n.Address)
	return nodeTypes.Node{
		Name:    n.Name,
		Cluster: n.Cluster,
		IPAddresses: []nodeTypes.Address{
			{Type: addressing.NodeInternalIP, IP: net.ParseIP(host)},
		},
	}
}

func (n node) fullName() string {
	c := n.cilium()
	return c.Fullname()
}

func (n node) check() error {
	host, _, err := net.SplitHostPort(n.Address)
	if n.Name == "" || err != nil || net.ParseIP(host) == nil {
		return fmt.Errorf(`peer %+v: expected {"name":"node-1","cluster":"default","address":"127.0.0.1:4244"}`, n)
	}
	return nil
}

// Subscribe is manager.Notifier's: a new subscriber is told of every node first.
func (l *nodeList) Subscribe(h datapath.NodeHandler) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.handlers = append(l.handlers, h)
	for _, n := range l.nodes {
		_ = h.NodeAdd(n.cilium())
	}
}

// Unsubscribe is manager.Notifier's.
func (l *nodeList) Unsubscribe(h datapath.NodeHandler) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.handlers = slices.DeleteFunc(l.handlers, func(other datapath.NodeHandler) bool { return other == h })
}

// set makes the list what the test says and notifies of the difference. Hubble
// knows no update of a port, since all nodes of a cluster share one: a node of
// which only the port changed is removed and added.
func (l *nodeList) set(wanted []node) change {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := change{Added: []string{}, Updated: []string{}, Removed: []string{}}
	before := l.nodes
	l.nodes = map[string]node{}
	for _, n := range wanted {
		l.nodes[n.fullName()] = n
	}
	for name, old := range before {
		n, stays := l.nodes[name]
		moved := stays && n.cilium().IPAddresses[0].IP.Equal(old.cilium().IPAddresses[0].IP) && n.Address != old.Address
		if !stays || moved {
			l.tell(func(h datapath.NodeHandler) error { return h.NodeDelete(old.cilium()) })
			c.Removed = append(c.Removed, name)
			delete(before, name)
		}
	}
	for name, n := range l.nodes {
		if old, known := before[name]; !known {
			l.tell(func(h datapath.NodeHandler) error { return h.NodeAdd(n.cilium()) })
			c.Added = append(c.Added, name)
		} else if old != n {
			l.tell(func(h datapath.NodeHandler) error { return h.NodeUpdate(old.cilium(), n.cilium()) })
			c.Updated = append(c.Updated, name)
		}
	}
	return c
}

func (l *nodeList) tell(notify func(datapath.NodeHandler) error) {
	for _, h := range l.handlers {
		_ = notify(h)
	}
}

func (l *nodeList) list() []node {
	l.mu.Lock()
	defer l.mu.Unlock()
	nodes := []node{}
	for _, n := range l.nodes {
		nodes = append(nodes, n)
	}
	slices.SortFunc(nodes, func(a, b node) int { return compare(a.fullName(), b.fullName()) })
	return nodes
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (l *nodeList) address(name string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.nodes[name].Address
}

// addressed is Cilium's peer service with each peer at its own port: the nodes
// of a test share one host, those of a cluster share one port.
type addressed struct {
	*peer.Service
	nodes *nodeList
}

func (a addressed) Notify(request *peerpb.NotifyRequest, stream peerpb.Peer_NotifyServer) error {
	return a.Service.Notify(request, addressedStream{stream, a.nodes})
}

type addressedStream struct {
	peerpb.Peer_NotifyServer
	nodes *nodeList
}

func (s addressedStream) Send(notification *peerpb.ChangeNotification) error {
	if address := s.nodes.address(notification.GetName()); address != "" {
		notification.Address = address
	}
	return s.Peer_NotifyServer.Send(notification)
}
