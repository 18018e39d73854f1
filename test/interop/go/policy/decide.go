package main

import (
	"fmt"
	"log/slog"

	"github.com/cilium/cilium/pkg/endpoint/regeneration"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/types"
	"github.com/cilium/cilium/pkg/spanstat"
	"github.com/cilium/cilium/pkg/u8proto"
)

// decide looks the connection up in the policy maps of both ends, as the
// datapath does; an end that is not managed has none.
func (r *repository) decide(asked connection, endpoints []endpoint) (verdict, error) {
	decided := verdict{Egress: "none", Ingress: "none"}
	protocol, err := u8proto.ParseProtocol(asked.Protocol)
	if err != nil {
		return decided, err
	}
	if endpoints[asked.From].Managed {
		distilled, err := r.distil(asked.From)
		if err != nil {
			return decided, err
		}
		key := policy.EgressKey().WithIdentity(r.identities[asked.To].ID).WithPortProtoPrefix(protocol, asked.Port, 16)
		decided.Egress = read(distilled, key)
	}
	if endpoints[asked.To].Managed {
		distilled, err := r.distil(asked.To)
		if err != nil {
			return decided, err
		}
		key := policy.IngressKey().WithIdentity(r.identities[asked.From].ID).WithPortProtoPrefix(protocol, asked.Port, 16)
		decided.Ingress = read(distilled, key)
	}
	return decided, nil
}

func read(distilled *policy.EndpointPolicy, key policy.Key) string {
	entry, _, _ := distilled.Lookup(key)
	switch {
	case entry.IsDeny():
		return "denied"
	case entry.IsRedirectEntry():
		return "proxied"
	}
	return "allowed"
}

// distil computes the policy map of one endpoint, once.
func (r *repository) distil(index int) (distilled *policy.EndpointPolicy, err error) {
	// Told as an answer, so that the case is seen and the others are answered.
	defer func() {
		if ended := recover(); ended != nil {
			err = fmt.Errorf("endpoint %d: Cilium ended: %v", index, ended)
		}
	}()
	if made, ok := r.distilled[index]; ok {
		return made, nil
	}
	owner := &owner{id: uint64(index + 1)}
	r.manager.Add(r.identities[index])
	selected, _, err := r.GetSelectorPolicy(r.identities[index], 0, &statistics{}, owner.id)
	if err != nil {
		return nil, fmt.Errorf("endpoint %d: %w", index, err)
	}
	// Every redirect has a proxy listening: without, its entries would be left out.
	redirects := map[string]uint16{}
	for filter, tuple := range selected.RedirectFilters() {
		id := policy.ProxyID(uint16(owner.id), filter.Ingress, string(filter.Protocol), filter.Port, tuple.Policy.GetListener())
		redirects[id] = uint16(10000 + len(redirects))
	}
	made := selected.DistillPolicy(slog.Default(), owner, redirects)
	made.Ready()
	made.Detach(slog.Default())
	r.distilled[index] = made
	return made, nil
}

// owner stands for the endpoint that a policy map is computed for. It has no
// named ports.
type owner struct{ id uint64 }

func (o *owner) GetID() uint64                                     { return o.id }
func (o *owner) GetNamedPort(bool, string, u8proto.U8proto) uint16 { return 0 }
func (o *owner) PolicyDebug(string, ...any)                        {}
func (o *owner) IsHost() bool                                      { return false }
func (o *owner) PreviousMapState() *policy.MapState                { return nil }
func (o *owner) RegenerateIfAlive(*regeneration.ExternalRegenerationMetadata) <-chan bool {
	done := make(chan bool)
	close(done)
	return done
}

type statistics struct{ waiting, calculation spanstat.SpanStat }

func (s *statistics) WaitingForPolicyRepository() *spanstat.SpanStat { return &s.waiting }
func (s *statistics) SelectorPolicyCalculation() *spanstat.SpanStat  { return &s.calculation }

var _ policy.PolicyOwner = &owner{}
var _ types.PolicyMetrics = noMetrics{}
