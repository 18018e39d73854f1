{{/* What the container sees, and where it comes from; in the same order. */}}

{{- define "crosstalk.mounts" -}}
- name: config
  mountPath: /etc/crosstalk/config
  readOnly: true
{{- if .Values.state.enabled }}
- name: state
  mountPath: /var/lib/crosstalk
{{- end }}
{{- if include "crosstalk.onSocket" . }}
- name: hubble
  mountPath: /var/run/cilium
  readOnly: true
{{- end }}
{{- if and .Values.hubble.tls.enabled (include "crosstalk.hubbleTlsSecret" .) }}
- name: hubble-tls
  mountPath: /etc/crosstalk/hubble-tls
  readOnly: true
{{- end }}
{{- if or .Values.web.configSecret (include "crosstalk.writesWebConfig" .) }}
- name: web
  mountPath: /etc/crosstalk/web
  readOnly: true
{{- end }}
{{- if include "crosstalk.webTlsSecret" . }}
- name: web-tls
  mountPath: /etc/crosstalk/web-tls
  readOnly: true
{{- end }}
{{- if .Values.alertmanager.secretName }}
- name: alertmanager
  mountPath: /etc/crosstalk/alertmanager
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "crosstalk.volumes" -}}
- name: config
  configMap:
    name: {{ include "crosstalk.fullname" . }}
{{- if .Values.state.enabled }}
- name: state
  {{- if .Values.state.persistence.enabled }}
  persistentVolumeClaim:
    claimName: {{ .Values.state.persistence.existingClaim | default (include "crosstalk.fullname" .) }}
  {{- else if .Values.state.hostPath }}
  hostPath:
    path: {{ .Values.state.hostPath }}
    type: DirectoryOrCreate
  {{- else }}
  emptyDir:
    sizeLimit: {{ .Values.state.sizeLimit }}
  {{- end }}
{{- end }}
{{- if include "crosstalk.onSocket" . }}
# The folder and not the socket: an agent that restarts makes a new one.
- name: hubble
  hostPath:
    path: {{ .Values.hubble.socketDirectory }}
    type: Directory
{{- end }}
{{- if and .Values.hubble.tls.enabled (include "crosstalk.hubbleTlsSecret" .) }}
- name: hubble-tls
  secret:
    secretName: {{ include "crosstalk.hubbleTlsSecret" . }}
    defaultMode: 0440
{{- end }}
{{- if or .Values.web.configSecret (include "crosstalk.writesWebConfig" .) }}
- name: web
  secret:
    secretName: {{ include "crosstalk.webConfigSecret" . }}
    defaultMode: 0440
{{- end }}
{{- if include "crosstalk.webTlsSecret" . }}
- name: web-tls
  secret:
    secretName: {{ include "crosstalk.webTlsSecret" . }}
    defaultMode: 0440
{{- end }}
{{- if .Values.alertmanager.secretName }}
- name: alertmanager
  secret:
    secretName: {{ .Values.alertmanager.secretName }}
    defaultMode: 0440
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
