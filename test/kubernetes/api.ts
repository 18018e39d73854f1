/** The API server asked over HTTP, with what clients usually keep to themselves: its warnings. */
import { request as httpsRequest, Agent } from 'node:https';
import { text } from 'node:stream/consumers';

/** How to reach an API server as its administrator. */
export interface Access {
  readonly url: string;
  readonly token: string;
  /** PEM */
  readonly ca: string;
}

export interface Answer {
  readonly status: number;
  /** Parsed where it is JSON. */
  readonly body: unknown;
  /** What the server warned of, such as a deprecated version or a pod that PodSecurity would refuse. */
  readonly warnings: readonly string[];
}

export interface Resource {
  /** Plural, such as `deployments`. */
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

export interface ApiClient {
  readonly request: (method: string, path: string, body?: unknown, type?: string) => Promise<Answer>;
  /** What the server serves under a version such as `apps/v1`; nothing where it does not know it. */
  readonly resources: (apiVersion: string) => Promise<readonly Resource[]>;
}

export function apiClient(access: Access): ApiClient {
  const agent = new Agent({ ca: access.ca, keepAlive: true });
  const request: ApiClient['request'] = async (method, path, body, type = 'application/json') => {
    const headers = { authorization: `Bearer ${access.token}`, accept: 'application/json' };
    const sent = httpsRequest(`${access.url}${path}`, {
      agent,
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': type },
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    return await new Promise<Answer>((answer, failed) => {
      sent.once('error', failed).once('response', (response) => {
        const warnings = (response.headersDistinct['warning'] ?? []).map(warningText);
        text(response).then((received) => {
          const json = response.headers['content-type']?.startsWith('application/json') ?? false;
          const parsed: unknown = json ? JSON.parse(received) : received;
          answer({ status: response.statusCode ?? 0, body: parsed, warnings });
        }, failed);
      });
    });
  };
  return {
    request,
    resources: async (apiVersion) => {
      const { status, body } = await request('GET', pathOfVersion(apiVersion));
      if (status !== 200) return [];
      return (body as { resources: Resource[] }).resources.filter(({ name }) => !name.includes('/'));
    },
  };
}

/** The core group has no name: `/api/v1`, but `/apis/apps/v1`. */
export function pathOfVersion(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** `299 - "text"`, RFC 7234 5.5 */
function warningText(header: string): string {
  const [, quoted] = /^\d{3} \S+ "(.*)"$/s.exec(header) ?? [];
  return quoted?.replace(/\\(.)/g, '$1') ?? header;
}
