/**
 * The rate limiter in Redis: a log of grants over a sliding window, in one record. docs/operations.md has the argument
 * why no span of the window's length ever holds more calls than the limit, also when Redis is lost in the middle.
 *
 * KEYS[1] record (JSON); KEYS[2..4] the counters of three minutes, for people and other programs: not in a cluster, where
 * the counter is in another slot and counted up afterwards.
 * ARGV[1] JSON: op (take, restrain, release), taker, policy, restraint, minutes (those of KEYS[2..4], since 1970), knownBirth,
 * newBirth, ttl and counterTtl in seconds, now (only in tests; else the time of Redis).
 * Returns JSON: isGranted, reason, retryInMs, held (of the taker's reserve), birth, now; or only now, when none of the
 * minutes is the present one.
 */
export const LIMITER_SCRIPT = `
local ask = cjson.decode(ARGV[1])
local policy = ask.policy
local now = ask.now
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local counter
for index, minute in ipairs(ask.minutes) do
  if minute == math.floor(now / 60000) then counter = KEYS[1 + index] end
end
if #KEYS > 1 and not counter then return cjson.encode({ now = now }) end

-- A call is made at most a margin after its grant; one in reserve at most its time after Redis was last asked.
local window = policy.windowMs + policy.marginMs
local unknown = window + policy.reserveMs
local server = redis.call('INFO', 'server')
local run = string.match(server, 'run_id:(%w+)') or ''

local text = redis.call('GET', KEYS[1])
local record
if text then
  record = cjson.decode(text)
  if record.run ~= run then
    -- Started anew from a file, or another server has taken over: the latest grants may be missing.
    record.run = run
    record.certain = now + unknown
  end
  if ask.knownBirth and record.birth ~= ask.knownBirth then
    record.certain = math.max(record.certain, record.bornAt + unknown)
  end
else
  record = { run = run, birth = ask.newBirth, bornAt = now, certain = 0, grants = {}, reserves = {}, blocked = 0, left = 0, leftTill = 0 }
  local up = (tonumber(string.match(server, 'uptime_in_seconds:(%d+)')) or 0) * 1000
  local promoted = string.match(redis.call('INFO', 'replication'), 'second_repl_offset:(%-?%d+)') or '0'
  if ask.knownBirth or promoted ~= '-1' then
    record.certain = now + unknown
  elseif up < unknown + 1000 then
    -- Nobody can say what was granted before it started, a second more for the rounding of its uptime.
    record.certain = now - up + unknown + 1000
  end
end

-- Grants later than now are of a clock that was set back; they are no older than just now.
local step = math.max(1, math.floor(window / 600))
local grants, used, release = {}, 0, math.huge
for _, grant in ipairs(record.grants) do
  local at = math.min(grant[1], now + step)
  if at > now - window then
    table.insert(grants, { at, grant[2] })
    used = used + grant[2]
    release = math.min(release, at + window)
  end
end
record.grants = grants
record.certain = math.min(record.certain, now + unknown + 1000)
for taker, reserve in pairs(record.reserves) do
  local till = math.min(reserve[2], now + policy.reserveMs)
  if taker ~= ask.taker then
    if till <= now - window then
      record.reserves[taker] = nil
    else
      used = used + reserve[1]
      release = math.min(release, till + window)
    end
  end
end
local own = record.reserves[ask.taker]
local held = own and own[1] or 0
used = used + held

local granted, reason, retry = false, 'limit', 0
if ask.op == 'release' then
  held = 0
elseif ask.op == 'restrain' then
  local restraint = ask.restraint
  record.blocked = math.max(record.blocked, now + restraint.blockMs)
  if restraint.remaining then
    if record.leftTill <= now then record.left = restraint.remaining end
    record.left = math.min(record.left, restraint.remaining)
    record.leftTill = math.max(record.leftTill, now + restraint.remainingMs)
  end
else
  local isMinuteFull = counter and policy.windowMs == 60000 and tonumber(redis.call('GET', counter) or '0') >= policy.limit
  if record.blocked > now then
    reason, retry = 'service', record.blocked - now
  elseif record.leftTill > now and record.left <= 0 then
    reason, retry = 'service', record.leftTill - now
  elseif record.certain > now and not policy.isSole then
    reason, retry = 'uncertain', record.certain - now
  elseif isMinuteFull then
    -- Another program may count on the same key.
    retry = 60000 - now % 60000
  elseif used < policy.limit then
    granted = true
    used = used + 1
    local more = math.max(0, math.min(policy.reserve - held, policy.limit - used))
    held = held + more
  elseif held > 0 then
    granted = true
    held = held - 1
  else
    retry = math.max(1, release - now)
  end
  if granted then
    local at = math.ceil(now / step) * step
    local last = record.grants[#record.grants]
    if last and last[1] == at then last[2] = last[2] + 1 else table.insert(record.grants, { at, 1 }) end
    if record.leftTill > now then record.left = record.left - 1 end
    if counter then
      redis.call('INCR', counter)
      redis.call('EXPIRE', counter, ask.counterTtl)
    end
  end
end
if held > 0 then record.reserves[ask.taker] = { held, now + policy.reserveMs } else record.reserves[ask.taker] = nil end
redis.call('SET', KEYS[1], cjson.encode(record), 'EX', ask.ttl)
return cjson.encode({ isGranted = granted, reason = reason, retryInMs = retry, held = held, birth = record.birth, now = now })
`;
