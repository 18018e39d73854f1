{{/* One scraped port, as ServiceMonitor and PodMonitor both describe it. */}}
{{- define "crosstalk.endpoint" -}}
- port: http
  path: {{ include "crosstalk.telemetryPath" . }}
  interval: {{ .Values.monitoring.interval }}
  scrapeTimeout: {{ .Values.monitoring.scrapeTimeout }}
  {{- if .Values.monitoring.tlsConfig }}
  scheme: https
  tlsConfig:
    {{- toYaml .Values.monitoring.tlsConfig | nindent 4 }}
  {{- else if include "crosstalk.webTlsSecret" . }}
  scheme: https
  tlsConfig:
    serverName: {{ include "crosstalk.fullname" . }}.{{ .Release.Namespace }}.svc
    ca:
      secret:
        name: {{ include "crosstalk.webTlsSecret" . }}
        key: ca.crt
  {{- end }}
  {{- with .Values.monitoring.basicAuth }}
  basicAuth:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  relabelings:
    # The rules and dashboards look for this job.
    - targetLabel: job
      replacement: crosstalk
    {{- if include "crosstalk.perNode" . }}
    # What analyzers of different nodes count is summed; the rules tell them by this label.
    - sourceLabels: [__meta_kubernetes_pod_node_name]
      targetLabel: shard
    {{- end }}
    {{- with .Values.monitoring.relabelings }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .Values.monitoring.metricRelabelings }}
  metricRelabelings:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
