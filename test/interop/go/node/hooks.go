package main

import (
	"context"

	flowpb "github.com/cilium/cilium/api/v1/flow"
)

// nodeLabels stands in for the agent's local node watcher, which puts the node's
// labels on every flow.
func nodeLabels(labels []string) func(context.Context, *flowpb.Flow) (bool, error) {
	return func(_ context.Context, flow *flowpb.Flow) (bool, error) {
		if flow.NodeLabels == nil {
			flow.NodeLabels = labels
		}
		return false, nil
	}
}
