-- The activity entries of these incidents are written. Those of the next episode are its own.
-- keys: group, unrecorded
-- args: episode, incidentIds[]
if redis.call('HGET', group, 'episode') ~= episode then return 'changed' end
for _, incidentId in ipairs(incidentIds) do redis.call('SREM', unrecorded, incidentId) end
return 'done'
