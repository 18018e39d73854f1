package main

import (
	"maps"
	"slices"
	"sync"

	observerpb "github.com/cilium/cilium/api/v1/observer"
)

// namespaces answers GetNamespaces. Cilium's own manager also forgets them after
// an hour; it is not used because it sits in a package that 1.16 does not have.
type namespaces struct {
	mu   sync.Mutex
	seen map[string]*observerpb.Namespace
}

func newNamespaces() *namespaces { return &namespaces{seen: map[string]*observerpb.Namespace{}} }

func (n *namespaces) AddNamespace(namespace *observerpb.Namespace) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen[namespace.GetCluster()+"/"+namespace.GetNamespace()] = namespace
}

func (n *namespaces) GetNamespaces() []*observerpb.Namespace {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := []*observerpb.Namespace{}
	for _, key := range slices.Sorted(maps.Keys(n.seen)) {
		all = append(all, n.seen[key])
	}
	return all
}
