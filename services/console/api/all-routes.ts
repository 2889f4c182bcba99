// Every route of the console.
import { z } from 'zod';
import type { Stream } from '../live/stream.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import { type IncidentRouteParts, incidentRoutes } from './incident-routes.ts';
import { openApiDocument } from './openapi.ts';
import {
  type SilenceRouteParts,
  silenceRoutes,
  type SlackRouteParts,
  slackRoute,
  streamRoute,
} from './other-routes.ts';
import { groupRoutes } from './group-routes.ts';
import { type Route, route } from './route.ts';

/** What the routes work with. */
export type RouteParts = IncidentRouteParts & SilenceRouteParts & SlackRouteParts & { readonly stream: Stream };

/** The routes; where two match a path, the one with fewer variables comes first. */
export function allRoutes(parts: RouteParts): readonly Route[] {
  const routes: readonly Route[] = [
    ...incidentRoutes(parts),
    ...silenceRoutes(parts),
    ...groupRoutes(parts),
    ...deliveryRoutes(parts),
    streamRoute(parts.stream),
    slackRoute(parts),
  ];
  const self: Route = route({
    method: 'GET',
    path: '/api/v1/openapi.json',
    name: 'openapi',
    summary: 'This document',
    scope: 'none',
    answers: { 200: z.record(z.string(), z.unknown()) },
    handle: async () => await Promise.resolve({ status: 200, body: openApiDocument([...routes, self]) }),
  });
  return [...routes, self];
}
