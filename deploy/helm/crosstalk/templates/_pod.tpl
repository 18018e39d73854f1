{{/* The pod, which Deployment and DaemonSet share. */}}
{{- define "crosstalk.podTemplate" -}}
metadata:
  labels:
    {{- include "crosstalk.selectorLabels" . | nindent 4 }}
    {{- with merge (dict) .Values.podLabels .Values.commonLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    {{- /* A new configuration is a new pod: what takes a restart and what does not needs no telling apart. */}}
    checksum/config: {{ include "crosstalk.config" . | sha256sum }}
    {{- if include "crosstalk.writesWebConfig" . }}
    checksum/web-config: {{ include "crosstalk.webConfig" . | sha256sum }}
    {{- end }}
    {{- if include "crosstalk.scrapeAnnotations" . }}
    prometheus.io/scrape: 'true'
    prometheus.io/port: {{ include "crosstalk.port" . | quote }}
    prometheus.io/path: {{ include "crosstalk.telemetryPath" . }}
    {{- if include "crosstalk.webTlsSecret" . }}
    prometheus.io/scheme: https
    {{- end }}
    {{- end }}
    {{- with merge (dict) .Values.podAnnotations .Values.commonAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "crosstalk.serviceAccountName" . }}
  # It asks Kubernetes nothing.
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- include "crosstalk.podSecurityContext" . | nindent 4 }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.runtimeClassName }}
  runtimeClassName: {{ . }}
  {{- end }}
  {{- with .Values.dnsPolicy }}
  dnsPolicy: {{ . }}
  {{- end }}
  {{- with .Values.dnsConfig }}
  dnsConfig:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.hostAliases }}
  hostAliases:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations | default (ternary (list (dict "operator" "Exists")) list (eq .Values.mode "daemonset")) }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "crosstalk.affinity" . }}
  affinity:
    {{- . | nindent 4 }}
  {{- end }}
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.initContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: crosstalk
      image: {{ include "crosstalk.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        - serve
        {{- range .Values.extraArgs }}
        - {{ . | quote }}
        {{- end }}
      env:
        {{- include "crosstalk.env" . | nindent 8 }}
      {{- with .Values.extraEnvFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - name: http
          containerPort: {{ include "crosstalk.port" . }}
          protocol: TCP
      {{- include "crosstalk.probes" . | nindent 6 }}
      {{- with .Values.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        {{- include "crosstalk.securityContext" . | nindent 8 }}
      volumeMounts:
        {{- include "crosstalk.mounts" . | nindent 8 }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    {{- include "crosstalk.volumes" . | nindent 4 }}
{{- end -}}

{{- define "crosstalk.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* Of the first address that the configuration listens on. */}}
{{- define "crosstalk.port" -}}
{{- dig "web" "listenAddress" (list ":9967") .Values.config | first | regexFind "[0-9]+$" -}}
{{- end -}}

{{- define "crosstalk.telemetryPath" -}}
{{- dig "web" "telemetryPath" "/metrics" .Values.config -}}
{{- end -}}

{{/* Pod Security `restricted`; root only where the agent's socket asks for it. */}}
{{- define "crosstalk.podSecurityContext" -}}
{{- $own := dict "runAsNonRoot" true "runAsUser" 65532 "runAsGroup" 65532 "fsGroup" 65532 "fsGroupChangePolicy" "OnRootMismatch" "seccompProfile" (dict "type" "RuntimeDefault") -}}
{{- if include "crosstalk.onSocket" . -}}
{{- $own = dict "runAsUser" 0 "runAsGroup" 0 "seccompProfile" (dict "type" "RuntimeDefault") -}}
{{- end -}}
{{- toYaml (mergeOverwrite $own .Values.podSecurityContext) -}}
{{- end -}}

{{- define "crosstalk.securityContext" -}}
{{- $own := dict "allowPrivilegeEscalation" false "readOnlyRootFilesystem" true "privileged" false "capabilities" (dict "drop" (list "ALL")) -}}
{{- toYaml (mergeOverwrite $own .Values.securityContext) -}}
{{- end -}}

{{- define "crosstalk.affinity" -}}
{{- if .Values.affinity -}}
{{- toYaml .Values.affinity -}}
{{- else if and (not (include "crosstalk.perNode" .)) (gt (int .Values.replicas) 1) -}}
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            {{- include "crosstalk.selectorLabels" . | nindent 12 }}
{{- end -}}
{{- end -}}

{{- define "crosstalk.env" -}}
- name: CROSSTALK_CONFIG_FILE
  value: /etc/crosstalk/config/crosstalk.yaml
{{- $heap := include "crosstalk.heapMiB" . }}
{{- $options := compact (list (ternary (printf "--max-old-space-size=%s" $heap) "" (ne $heap "")) .Values.nodeOptions) | join " " }}
{{- with $options }}
- name: NODE_OPTIONS
  value: {{ . | quote }}
{{- end }}
{{- if and (include "crosstalk.perNode" .) (not (include "crosstalk.onSocket" .)) (not (hasKey .Values.config "server")) }}
- name: NODE_IP
  valueFrom:
    fieldRef:
      fieldPath: status.hostIP
- name: CROSSTALK_SERVER
  value: {{ printf "tls://%s" .Values.hubble.nodeAddress | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}
