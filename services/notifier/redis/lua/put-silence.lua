-- Writes the next revision of a silence, once for each command.
-- keys: complete, silences, version, commands
-- args: id, before, text, commandId, now, keepCommandsMs
if redis.call('EXISTS', complete) == 0 then return 'lost' end
if redis.call('ZSCORE', commands, commandId) then return 'repeated' end
local found = redis.call('HGET', silences, id)
local revision = 0
if found then revision = cjson.decode(found).silence.revision end
if revision ~= tonumber(before) then return 'conflict' end
redis.call('HSET', silences, id, text)
redis.call('INCR', version)
redis.call('ZADD', commands, now, commandId)
redis.call('ZREMRANGEBYSCORE', commands, '-inf', tonumber(now) - tonumber(keepCommandsMs))
return 'done'
