{{/*
Alive: the process works; it never depends on Hubble, or a relay's restart would restart every analyzer. Ready: a stream
of flows is open. Where the kubelet would need a password or a certificate, the program asks itself whether it is alive.
*/}}
{{- define "crosstalk.probes" -}}
{{- $alive := include "crosstalk.probe" (dict "root" . "path" "/-/healthy") | fromYaml -}}
{{- $ready := include "crosstalk.probe" (dict "root" . "path" "/-/ready") | fromYaml -}}
{{- /* A process for each question is not asked as often. */ -}}
{{- $closed := ne (include "crosstalk.webIsClosed" .) "" -}}
startupProbe:
  {{- mergeOverwrite (deepCopy $alive) (dict "periodSeconds" 2 "failureThreshold" 30) .Values.startupProbe | toYaml | nindent 2 }}
livenessProbe:
  {{- mergeOverwrite (deepCopy $alive) (dict "periodSeconds" (ternary 60 20 $closed) "failureThreshold" 3) .Values.livenessProbe | toYaml | nindent 2 }}
readinessProbe:
  {{- mergeOverwrite (deepCopy $ready) (dict "periodSeconds" (ternary 60 10 $closed) "failureThreshold" 3) .Values.readinessProbe | toYaml | nindent 2 }}
{{- end -}}

{{- define "crosstalk.probe" -}}
{{- if include "crosstalk.webIsClosed" .root -}}
exec:
  command: [/nodejs/bin/node, /app/dist/healthcheck.js]
{{- else -}}
httpGet:
  path: {{ .path }}
  port: http
  scheme: {{ ternary "HTTPS" "HTTP" (ne (include "crosstalk.webTlsSecret" .root) "") }}
{{- end }}
timeoutSeconds: 5
{{- end -}}
