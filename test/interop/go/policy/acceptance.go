package main

import (
	"encoding/json"
	"fmt"
	"log/slog"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/cilium/cilium/pkg/k8s"
	v2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	"github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2/validator"
	networking "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/networking/v1"
	"github.com/cilium/cilium/pkg/policy/types"
	"github.com/cilium/cilium/pkg/policy/utils"
)

// acceptance says whether a cluster would take a policy.
type acceptance struct{ schema *validator.NPValidator }

func newAcceptance() (*acceptance, error) {
	schema, err := validator.NewNPValidator(slog.Default())
	return &acceptance{schema}, err
}

// accept returns what the schema of the custom resource says against the policy,
// and what the agent makes of it.
func (a *acceptance) accept(raw []byte, cluster string) (refusal error, entries types.PolicyEntries, err error) {
	// What the schema refuses the agent never sees, and some of it ends the agent's parser.
	defer func() {
		if ended := recover(); ended != nil {
			err = fmt.Errorf("ended: %v", ended)
		}
	}()
	var object unstructured.Unstructured
	if err := json.Unmarshal(raw, &object); err != nil {
		return err, nil, err
	}
	switch object.GetKind() {
	case "NetworkPolicy":
		entries, err = networkPolicy(raw, cluster)
		return nil, entries, err
	case "CiliumClusterwideNetworkPolicy":
		entries, err = clusterwidePolicy(raw, cluster)
		return a.schema.ValidateCCNP(&object), entries, err
	case "CiliumNetworkPolicy":
		entries, err = ciliumPolicy(raw, cluster)
		return a.schema.ValidateCNP(&object), entries, err
	}
	err = fmt.Errorf("kind %q is no policy", object.GetKind())
	return err, nil, err
}

func ciliumPolicy(raw []byte, cluster string) (types.PolicyEntries, error) {
	var object v2.CiliumNetworkPolicy
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil, err
	}
	rules, err := object.Parse(slog.Default(), cluster)
	return utils.RulesToPolicyEntries(rules), err
}

func clusterwidePolicy(raw []byte, cluster string) (types.PolicyEntries, error) {
	var object v2.CiliumClusterwideNetworkPolicy
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil, err
	}
	rules, err := object.Parse(slog.Default(), cluster)
	return utils.RulesToPolicyEntries(rules), err
}

func networkPolicy(raw []byte, cluster string) (types.PolicyEntries, error) {
	var object networking.NetworkPolicy
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil, err
	}
	return k8s.ParseNetworkPolicy(slog.Default(), cluster, &object)
}
