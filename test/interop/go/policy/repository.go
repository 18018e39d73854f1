package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/cilium/cilium/pkg/crypto/certificatemanager"
	envoypolicy "github.com/cilium/cilium/pkg/envoy/policy"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/identity/identitymanager"
	ipcache "github.com/cilium/cilium/pkg/ipcache/types"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/policy/types"
)

// configure sets what the agent takes from cilium-config, as its defaults are
// but for the node selectors, which are off there.
func configure(asked question) {
	option.Config.EnableIPv4 = true
	option.Config.EnableIPv6 = asked.IPv6
	option.Config.EnableNodeSelectorLabels = true
	// What auto becomes in Kubernetes (daemon/cmd/daemon.go).
	option.Config.AllowLocalhost = option.AllowLocalhostAlways
	policy.SetPolicyEnabled(option.DefaultEnforcement)
	name := asked.Cluster
	if name == "" {
		name = "default"
	}
	api.InitEntities(name)
}

// repository is Cilium's own, filled as the agent's watchers and its ipcache fill it.
type repository struct {
	*policy.Repository
	manager    identitymanager.IDManager
	prefixes   []netip.Prefix
	identities []*identity.Identity
	distilled  map[int]*policy.EndpointPolicy
}

func newRepository() *repository {
	logger := slog.Default()
	manager := identitymanager.NewIDManager(logger)
	l7 := envoypolicy.NewEnvoyL7RulesTranslator(logger, certificatemanager.NewMockSecretManagerInline())
	return &repository{
		Repository: policy.NewPolicyRepository(logger, identity.IdentityMap{}, noCertificates{}, l7, manager, noMetrics{}),
		manager:    manager,
		distilled:  map[int]*policy.EndpointPolicy{},
	}
}

func (r *repository) add(index int, raw []byte, entries types.PolicyEntries) {
	var object unstructured.Unstructured
	if err := json.Unmarshal(raw, &object); err != nil {
		panic(err) // it was accepted a moment ago
	}
	for _, entry := range entries {
		for _, selector := range entry.L3 {
			r.prefixes = append(r.prefixes, selector.GetCIDRPrefixes()...)
		}
	}
	name := fmt.Sprintf("%d-%s", index, object.GetName())
	r.ReplaceByResource(entries, ipcache.NewResourceID(ipcache.ResourceKind(object.GetKind()), object.GetNamespace(), name))
}

// populate tells both selector caches of every endpoint.
func (r *repository) populate(endpoints []endpoint) {
	known := identity.IdentityMap{}
	for index, end := range endpoints {
		array := labels.ParseLabelArrayFromArray(append(end.Labels, r.cidrLabel(end)...))
		held := identity.NewIdentityFromLabelArray(numeric(index, end.Labels), array)
		r.identities = append(r.identities, held)
		known[held.ID] = array
	}
	var wait sync.WaitGroup
	r.GetSelectorCache().UpdateIdentities(known, nil, &wait)
	r.GetSubjectSelectorCache().UpdateIdentities(known, nil, &wait)
	wait.Wait()
}

// cidrLabel is what the ipcache gives an address outside the cluster: the label
// of the longest prefix that any policy names (pkg/ipcache/metadata.go; its
// resolveLabels takes such labels from what is inside).
func (r *repository) cidrLabel(end endpoint) []string {
	isWorld := slices.ContainsFunc(end.Labels, func(label string) bool { return strings.HasPrefix(label, "reserved:world") })
	if end.IP == "" || !isWorld {
		return nil
	}
	address := netip.MustParseAddr(end.IP)
	longest := -1
	var found []string
	for _, prefix := range r.prefixes {
		if prefix.Contains(address) && prefix.Bits() > longest {
			longest = prefix.Bits()
			found = nil
			for _, label := range labels.GetCIDRLabels(prefix) {
				if label.Source == labels.LabelSourceCIDR {
					found = append(found, label.String())
				}
			}
		}
	}
	return found
}

// numeric keeps host apart, which the repository knows by its number.
func numeric(index int, names []string) identity.NumericIdentity {
	for _, name := range names {
		if name == "reserved:host" {
			return identity.ReservedIdentityHost
		}
		if strings.HasPrefix(name, "reserved:world") {
			return identity.IdentityScopeLocal + identity.NumericIdentity(index+1)
		}
	}
	return identity.NumericIdentity(1000 + index)
}

type noMetrics struct{}

func (noMetrics) AddRule(types.PolicyEntry) {}
func (noMetrics) DelRule(types.PolicyEntry) {}

type noCertificates struct{}

func (noCertificates) GetTLSContext(context.Context, *api.TLSContext, string) (string, string, string, bool, error) {
	return "", "", "", false, nil
}
