import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NodeAPI } from 'node-red';

/** Answers a request on Node-RED's web server. */
export type Endpoint = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers at a path, as it stands in the public URL, until the returned function is called. */
type Serve = (path: string, endpoint: Endpoint) => () => void;

/**
 * One route for all nodes of a kind, registered once: a route of a node that is gone would go on answering. Undefined
 * where the administrator has switched off the web server for nodes.
 */
export function endpoints(RED: NodeAPI): Serve | undefined {
    if (RED.settings.httpNodeRoot === false || !RED.httpNode) return undefined;
    const live = new Map<string, Endpoint>();
    RED.httpNode.use((request, response, next) => {
        const [full] = request.originalUrl.split('?');
        const endpoint = live.get(full ?? '') ?? live.get(request.path);
        if (endpoint) endpoint(request, response);
        else next();
    });
    return (path, endpoint) => {
        live.set(path, endpoint);
        return () => {
            if (live.get(path) === endpoint) live.delete(path);
        };
    };
}
