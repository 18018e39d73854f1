{{/* Names and labels. */}}

{{- define "crosstalk.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "crosstalk.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "crosstalk.name" . -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "crosstalk.serviceAccountName" -}}
{{- default (ternary (include "crosstalk.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "crosstalk.selectorLabels" -}}
app.kubernetes.io/name: {{ include "crosstalk.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* metadata of an object: (dict "root" $ "name" "in place of the release's" "suffix" "-web" "namespace" "" "labels" dict "annotations" dict) */}}
{{- define "crosstalk.metadata" -}}
{{- $root := .root -}}
{{- $labels := merge (dict) (.labels | default dict) $root.Values.commonLabels -}}
{{- $annotations := merge (dict) (.annotations | default dict) $root.Values.commonAnnotations -}}
name: {{ .name | default (printf "%s%s" (include "crosstalk.fullname" $root) (.suffix | default "")) }}
namespace: {{ .namespace | default $root.Release.Namespace }}
labels:
  {{- include "crosstalk.selectorLabels" $root | nindent 2 }}
  app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
  app.kubernetes.io/managed-by: {{ $root.Release.Service }}
  helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
  {{- with $labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Of the pod of `helm test`. */}}
{{- define "crosstalk.testLabels" -}}
app.kubernetes.io/name: {{ include "crosstalk.name" . }}-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
