// Where the custom resource definitions come from. Nothing of these is built: only their YAML is read.
module crosstalk.example/crds

go 1.26.0

require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/cilium/cilium v1.20.2
	github.com/prometheus-operator/prometheus-operator v0.85.0
)
