-- Milliseconds by the clock of Redis: those of two notifiers may differ.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
