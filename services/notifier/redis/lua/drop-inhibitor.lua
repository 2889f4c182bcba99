-- Takes an incident out of the inhibitors unless it is active again.
-- keys: incident, inhibitors
-- args: id
local state = redis.call('HGET', incident, 'state')
if state and state ~= 'resolved' then return 'kept' end
redis.call('SREM', inhibitors, id)
return 'done'
