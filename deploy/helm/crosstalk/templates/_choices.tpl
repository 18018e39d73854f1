{{/* What follows from several values at once. Each answers "true" or nothing. */}}

{{- define "crosstalk.perNode" -}}
{{- if eq .Values.mode "daemonset" -}}true{{- end -}}
{{- end -}}

{{/* Each node's Hubble through the agent's socket: needs the host's folder and root. */}}
{{- define "crosstalk.onSocket" -}}
{{- if and (include "crosstalk.perNode" .) (eq .Values.hubble.nodeAccess "socket") -}}true{{- end -}}
{{- end -}}

{{- define "crosstalk.webTlsSecret" -}}
{{- if .Values.web.tls.certManager.enabled -}}
{{- .Values.web.tls.secretName | default (printf "%s-web-tls" (include "crosstalk.fullname" .)) -}}
{{- else -}}
{{- .Values.web.tls.secretName -}}
{{- end -}}
{{- end -}}

{{- define "crosstalk.hubbleTlsSecret" -}}
{{- if .Values.hubble.tls.certManager.enabled -}}
{{- .Values.hubble.tls.secretName | default (printf "%s-hubble-tls" (include "crosstalk.fullname" .)) -}}
{{- else -}}
{{- .Values.hubble.tls.secretName -}}
{{- end -}}
{{- end -}}

{{/* The chart writes the web configuration itself. */}}
{{- define "crosstalk.writesWebConfig" -}}
{{- if and (not .Values.web.configSecret) (or (include "crosstalk.webTlsSecret" .) .Values.web.basicAuthUsers) -}}true{{- end -}}
{{- end -}}

{{- define "crosstalk.webConfigSecret" -}}
{{- .Values.web.configSecret | default (printf "%s-web" (include "crosstalk.fullname" .)) -}}
{{- end -}}

{{/* The kubelet has neither a password nor a certificate to show. */}}
{{- define "crosstalk.webIsClosed" -}}
{{- if or .Values.web.configSecret .Values.web.basicAuthUsers .Values.web.tls.requireClientCertificate -}}true{{- end -}}
{{- end -}}

{{- define "crosstalk.hasMonitoringApi" -}}
{{- if .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" -}}true{{- end -}}
{{- end -}}

{{- define "crosstalk.monitor" -}}
{{- if or (eq (toString .Values.monitoring.monitor) "true") (and (eq (toString .Values.monitoring.monitor) "auto") (include "crosstalk.hasMonitoringApi" .)) -}}true{{- end -}}
{{- end -}}

{{- define "crosstalk.rules" -}}
{{- if or (eq (toString .Values.monitoring.rules) "true") (and (eq (toString .Values.monitoring.rules) "auto") (include "crosstalk.hasMonitoringApi" .)) -}}true{{- end -}}
{{- end -}}

{{/* Both a monitor and the annotations would have every target scraped twice. */}}
{{- define "crosstalk.scrapeAnnotations" -}}
{{- if or (eq (toString .Values.monitoring.annotations) "true") (and (eq (toString .Values.monitoring.annotations) "auto") (not (include "crosstalk.monitor" .))) -}}true{{- end -}}
{{- end -}}

{{- define "crosstalk.policyKind" -}}
{{- if eq .Values.networkPolicy.kind "auto" -}}
{{- ternary "cilium" "kubernetes" (.Capabilities.APIVersions.Has "cilium.io/v2") -}}
{{- else -}}
{{- .Values.networkPolicy.kind -}}
{{- end -}}
{{- end -}}

{{- define "crosstalk.disruptionBudget" -}}
{{- if not (include "crosstalk.perNode" .) -}}
{{- if or (eq (toString .Values.podDisruptionBudget.enabled) "true") (and (eq (toString .Values.podDisruptionBudget.enabled) "auto") (gt (int .Values.replicas) 1)) -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* What values cannot mean, refused in words. */}}
{{- define "crosstalk.refusals" -}}
{{- $persistence := .Values.state.persistence -}}
{{- if and $persistence.enabled (or (include "crosstalk.perNode" .) (gt (int .Values.replicas) 1)) -}}
{{- fail "state.persistence.enabled: one claim holds the state of one analyzer: it needs mode: deployment and replicas: 1. Each of several analyzers keeps its state in a volume of its own (state.enabled), or on its node (state.hostPath in mode: daemonset)." -}}
{{- end -}}
{{- if and .Values.state.hostPath (not (include "crosstalk.onSocket" .)) -}}
{{- fail "state.hostPath: only an analyzer of mode: daemonset with hubble.nodeAccess: socket may write to its node." -}}
{{- end -}}
{{- if and (include "crosstalk.perNode" .) (eq .Values.hubble.nodeAccess "tcp") (not .Values.hubble.tls.enabled) -}}
{{- fail "hubble.nodeAccess: tcp needs hubble.tls.enabled: true with hubble.tls.secretName: agents ask for mutual TLS on port 4244." -}}
{{- end -}}
{{- if and .Values.hubble.tls.enabled (not (include "crosstalk.hubbleTlsSecret" .)) (not (dig "tls" "allowInsecure" false .Values.config)) (not (dig "tls" "caCertFiles" false .Values.config)) -}}
{{- fail "hubble.tls.secretName: hubble.tls.enabled needs a Secret with ca.crt (and tls.crt and tls.key for mutual TLS), or hubble.tls.certManager.enabled." -}}
{{- end -}}
{{- if and .Values.web.tls.requireClientCertificate (not (include "crosstalk.webTlsSecret" .)) -}}
{{- fail "web.tls.requireClientCertificate needs web.tls.secretName, or web.tls.certManager.enabled." -}}
{{- end -}}
{{- range $for, $tls := dict "hubble.tls" .Values.hubble.tls "web.tls" .Values.web.tls -}}
{{- if and $tls.certManager.enabled (not $tls.certManager.issuerRef.name) -}}
{{- fail (printf "%s.certManager.issuerRef: %s.certManager.enabled needs the issuer to ask, such as { name: internal, kind: ClusterIssuer }." $for $for) -}}
{{- end -}}
{{- end -}}
{{- if and (include "crosstalk.onSocket" .) .Values.hubble.tls.enabled -}}
{{- fail "hubble.tls.enabled: the agent's unix socket speaks no TLS. With mode: daemonset use hubble.nodeAccess: tcp, or leave TLS off." -}}
{{- end -}}
{{- end -}}

{{- define "crosstalk.nodePort" -}}
{{- regexFind "[0-9]+$" .Values.hubble.nodeAddress -}}
{{- end -}}
