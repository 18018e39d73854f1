{{/* The configuration file: .Values.config, and what the chart derives where it says nothing. */}}
{{- define "crosstalk.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- range $section, $derived := include "crosstalk.derivedConfig" . | fromYaml -}}
{{- if not (kindIs "map" $derived) -}}
{{- if not (hasKey $config $section) -}}{{- $_ := set $config $section $derived -}}{{- end -}}
{{- else -}}
{{- $given := get $config $section | default dict -}}
{{- range $key, $value := $derived -}}
{{- if not (hasKey $given $key) -}}{{- $_ := set $given $key $value -}}{{- end -}}
{{- end -}}
{{- $_ := set $config $section $given -}}
{{- end -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{- define "crosstalk.derivedConfig" -}}
{{- if include "crosstalk.onSocket" . }}
server: unix:///var/run/cilium/hubble.sock
{{- else if not (include "crosstalk.perNode" .) }}
server: {{ ternary (printf "tls://hubble-relay.%s.svc.cluster.local:443" .Values.hubble.namespace) (printf "hubble-relay.%s.svc.cluster.local:80" .Values.hubble.namespace) .Values.hubble.tls.enabled }}
{{- end }}
{{- if .Values.hubble.tls.enabled }}
tls:
  enabled: true
  serverName: {{ include "crosstalk.hubbleServerName" . | quote }}
  {{- if include "crosstalk.hubbleTlsSecret" . }}
  caCertFiles: [/etc/crosstalk/hubble-tls/ca.crt]
  {{- if .Values.hubble.tls.clientCertificate }}
  clientCertFile: /etc/crosstalk/hubble-tls/tls.crt
  clientKeyFile: /etc/crosstalk/hubble-tls/tls.key
  {{- end }}
  {{- end }}
{{- end }}
{{- if .Values.state.enabled }}
state:
  file: /var/lib/crosstalk/state.json
{{- end }}
{{- if or .Values.web.configSecret (include "crosstalk.writesWebConfig" .) }}
web:
  configFile: /etc/crosstalk/web/web-config.yml
{{- end }}
{{- end -}}

{{/*
Certificates that Cilium's chart makes: *.hubble-relay.cilium.io for the relay, *.<cluster>.hubble-grpc.cilium.io
for agents (install/kubernetes/cilium/templates/hubble/tls-helm).
*/}}
{{- define "crosstalk.hubbleServerName" -}}
{{- if .Values.hubble.tls.serverName -}}
{{- .Values.hubble.tls.serverName -}}
{{- else if include "crosstalk.perNode" . -}}
{{- printf "crosstalk.%s.hubble-grpc.cilium.io" (.Values.config.cluster | default "default" | replace "." "-") -}}
{{- else -}}
crosstalk.hubble-relay.cilium.io
{{- end -}}
{{- end -}}

{{/* The web side's configuration, in the exporter-toolkit's format. */}}
{{- define "crosstalk.webConfig" -}}
{{- if include "crosstalk.webTlsSecret" . }}
tls_server_config:
  cert_file: /etc/crosstalk/web-tls/tls.crt
  key_file: /etc/crosstalk/web-tls/tls.key
  {{- if .Values.web.tls.requireClientCertificate }}
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: /etc/crosstalk/web-tls/ca.crt
  {{- end }}
{{- end }}
{{- with .Values.web.basicAuthUsers }}
basic_auth_users:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* MiB that Node.js' old space may take: three quarters of the memory limit, so that the rest (young objects, buffers,
code) fits below it. Nothing where there is no limit. */}}
{{- define "crosstalk.heapMiB" -}}
{{- $limit := dig "limits" "memory" "" .Values.resources -}}
{{- /* Numbers come as floats, and would print as 5.36870912e+08. */ -}}
{{- if kindIs "float64" $limit -}}{{- $limit = printf "%.0f" $limit -}}{{- end -}}
{{- with toString $limit -}}
{{- $unit := regexFind "[A-Za-z]*$" . -}}
{{- $bytes := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 -}}
{{- if not (and (hasKey $bytes $unit) (regexMatch "^[0-9]+(\\.[0-9]+)?[A-Za-z]*$" .)) -}}
{{- fail (printf "resources.limits.memory: got %s, expected a quantity such as 512Mi or 1Gi" .) -}}
{{- end -}}
{{- $heap := divf (mulf (trimSuffix $unit . | float64) (get $bytes $unit) 0.75) 1048576 | floor | int -}}
{{- if lt $heap 96 -}}
{{- fail (printf "resources.limits.memory: %s leaves Node.js a heap of %d MiB, expected 128Mi or more (docs/scaling.md says what it needs)" . $heap) -}}
{{- end -}}
{{- $heap -}}
{{- end -}}
{{- end -}}
