// Command policy answers from Cilium's own code what a set of policies does to
// connections: its custom resource schemas and parsers say whether they are
// accepted, its repository and policy map what they decide. One case a line of
// JSON on standard input, one answer a line on standard output.
package main

import (
	"bufio"
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"os"
)

func main() {
	// Cilium warns of much that is meant here, such as policies it refuses.
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	judge, err := newAcceptance()
	if err != nil {
		log.Fatal(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	out := bufio.NewWriter(os.Stdout)
	answers := json.NewEncoder(out)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			log.Fatalf("a line is no question: %v", err)
		}
		if err := answers.Encode(answer(asked, judge)); err != nil {
			log.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

// question is one case. A connection names its ends by their place in endpoints.
type question struct {
	// Cluster that selectors are scoped to (policy-default-local-cluster); empty: any.
	Cluster     string            `json:"cluster"`
	IPv6        bool              `json:"ipv6"`
	Policies    []json.RawMessage `json:"policies"`
	Endpoints   []endpoint        `json:"endpoints"`
	Connections []connection      `json:"connections"`
}

type endpoint struct {
	Labels []string `json:"labels"`
	// IP is what CIDR rules are held to, for what is outside the cluster.
	IP string `json:"ip"`
	// Managed: Cilium enforces policies on it.
	Managed bool `json:"managed"`
}

type connection struct {
	From     int    `json:"from"`
	To       int    `json:"to"`
	Protocol string `json:"protocol"`
	Port     uint16 `json:"port"`
}

// reply has, for each policy, why it was refused ("" where it was not): by the
// schema of the custom resource, which the API server holds it to, and by the
// parser of the agent.
type reply struct {
	Schema   []string  `json:"schema"`
	Parse    []string  `json:"parse"`
	Verdicts []verdict `json:"verdicts"`
	// Error is why nothing could be decided, such as L7 rules that do not go together.
	Error string `json:"error,omitempty"`
}

// verdict of each direction: none, allowed, proxied (allowed, through the L7 proxy) or denied.
type verdict struct {
	Egress  string `json:"egress"`
	Ingress string `json:"ingress"`
}

func answer(asked question, judge *acceptance) reply {
	configure(asked)
	said := reply{Verdicts: []verdict{}}
	repository := newRepository()
	for index, raw := range asked.Policies {
		schema, entries, err := judge.accept(raw, asked.Cluster)
		said.Schema = append(said.Schema, text(schema))
		said.Parse = append(said.Parse, text(err))
		if err == nil {
			repository.add(index, raw, entries)
		}
	}
	if len(asked.Connections) == 0 {
		return said
	}
	repository.populate(asked.Endpoints)
	for _, asks := range asked.Connections {
		decided, err := repository.decide(asks, asked.Endpoints)
		if err != nil {
			said.Error = err.Error()
			return said
		}
		said.Verdicts = append(said.Verdicts, decided)
	}
	return said
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
