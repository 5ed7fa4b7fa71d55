/**
 * The circuit breaker in Redis: one script, one record, so that every step is atomic, in a cluster too.
 *
 * KEYS[1] record (JSON); KEYS[2] state, KEYS[3] opened_at, KEYS[4] history, for people to read: not in a cluster, where
 * they are in other slots and written afterwards.
 * ARGV[1] JSON: op (admit, settle, renew, view), owner, isFailure, policy, random (0 to 1), known (of a breaker
 * that is not closed), ttl and historyTtl in
 * seconds, now (only in tests; else the time of Redis).
 * Returns an Admission as JSON, with the time. `memoryBreaker.ts` does the same in this process.
 */
export const BREAKER_SCRIPT = `
local ask = cjson.decode(ARGV[1])
local policy = ask.policy
local now = ask.now
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local text = redis.call('GET', KEYS[1])
local record = text and cjson.decode(text) or { state = 'closed', since = 0, openedAt = 0, till = 0, lease = 0, window = {} }
local changes = {}
local calls, failures = 0, 0

local function move(to, reason)
  table.insert(changes, { at = now, from = record.state, to = to, reason = reason })
  if to == 'open' then
    if record.state == 'closed' then record.openedAt = now end
    record.till = now + math.floor(policy.openMs * (1 + policy.jitter * (2 * ask.random - 1)))
  elseif to == 'closed' then
    record.openedAt = 0
    record.till = 0
  end
  record.state = to
  record.since = now
  record.window = {}
  calls, failures = 0, 0
  record.owner = nil
  record.lease = 0
end

-- A clock set back must not keep a breaker open or a lease alive for longer than the policy says.
record.till = math.min(record.till, now + math.floor(policy.openMs * (1 + policy.jitter)) + policy.leaseMs)
record.lease = math.min(record.lease, now + policy.leaseMs)

local width = math.max(1, math.floor(policy.windowMs / policy.buckets))
local current = math.floor(now / width)
for bucket, counts in pairs(record.window) do
  local age = current - tonumber(bucket)
  if age < 0 or age >= policy.buckets then
    record.window[bucket] = nil
  else
    calls = calls + counts[1]
    failures = failures + counts[2]
  end
end

local verdict, retry = 'pass', 0
if not text and ask.known then
  move('open', 'restored')
  record.since = ask.known.since
  record.openedAt = ask.known.openedAt
  -- A probe of before the loss may still be under way.
  record.till = math.max(ask.known.till, now + policy.leaseMs)
end
if ask.op == 'admit' then
  if record.state == 'open' and now >= record.till then move('half_open', 'open_time_over') end
  if record.state == 'open' then
    verdict, retry = 'refuse', record.till - now
  elseif record.state == 'half_open' then
    if record.owner and record.lease > now then
      verdict, retry = 'refuse', record.lease - now
    else
      verdict = 'probe'
      record.owner = ask.owner
      record.lease = now + policy.leaseMs
    end
  end
elseif ask.op == 'settle' then
  if record.state == 'closed' then
    local bucket = tostring(current)
    local counts = record.window[bucket] or { 0, 0 }
    local failed = ask.isFailure and 1 or 0
    record.window[bucket] = { counts[1] + 1, counts[2] + failed }
    calls = calls + 1
    failures = failures + failed
    if calls >= policy.minimumCalls and failures / calls >= policy.failureRate then move('open', 'failure_rate') end
  elseif record.state == 'half_open' and record.owner == ask.owner then
    if ask.isFailure then move('open', 'probe_failed') else move('closed', 'probe_succeeded') end
  end
elseif ask.op == 'renew' and record.state ~= 'closed' then
  if record.owner == ask.owner then
    record.lease = now + policy.leaseMs
  elseif not record.owner or record.lease <= now then
    -- Redis had lost the probe, which goes on all the same.
    if record.state == 'open' then move('half_open', 'restored') end
    record.owner = ask.owner
    record.lease = now + policy.leaseMs
  end
end

if ask.op ~= 'view' then
  redis.call('SET', KEYS[1], cjson.encode(record), 'EX', ask.ttl)
  if KEYS[2] then
    redis.call('SET', KEYS[2], record.state, 'EX', ask.ttl)
    if record.openedAt > 0 then
      redis.call('SET', KEYS[3], string.format('%.0f', record.openedAt), 'EX', ask.ttl)
    else
      redis.call('DEL', KEYS[3])
    end
    for _, change in ipairs(changes) do redis.call('LPUSH', KEYS[4], cjson.encode(change)) end
    if #changes > 0 then
      redis.call('LTRIM', KEYS[4], 0, policy.history - 1)
      redis.call('EXPIRE', KEYS[4], ask.historyTtl)
    end
  end
end

local answer = {
  verdict = verdict, retryInMs = retry, state = record.state, since = record.since, openedAt = record.openedAt,
  till = record.till, calls = calls, failures = failures, now = now,
}
if #changes > 0 then answer.changes = changes end
return cjson.encode(answer)
`;
