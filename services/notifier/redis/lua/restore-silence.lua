-- Writes a silence as Kafka has it, unless this or a later revision is there.
-- keys: silences, version, commands
-- args: id, revision, text, commandId, now
redis.call('ZADD', commands, now, commandId)
local found = redis.call('HGET', silences, id)
if found and cjson.decode(found).silence.revision >= tonumber(revision) then return 'repeated' end
redis.call('HSET', silences, id, text)
redis.call('INCR', version)
return 'done'
