/** How shells come to a fleet. PostgreSQL's driver and the job table are loaded when there is one, and not when the program starts. */
import type { FleetConnector } from '../engine/fleet.ts';
import type { QueueFleetOptions } from './queue-fleet.ts';
import { queueAddress } from './queue/address.ts';

export function fleetConnector(options: Omit<QueueFleetOptions, 'address'>): FleetConnector {
  return async (text) => {
    const address = queueAddress(text);
    const { QueueFleet } = await import('./queue-fleet.ts');
    return new QueueFleet({ ...options, address });
  };
}
