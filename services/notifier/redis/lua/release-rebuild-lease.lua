-- Gives the lease of a rebuild back.
-- keys: rebuild
-- args: token
if redis.call('HGET', rebuild, 'token') == token then redis.call('DEL', rebuild) end
return 'done'
