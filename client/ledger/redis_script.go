package ledger

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/gomodule/redigo/redis"
)

// compareAndSet is all that the server does: it compares records, by their digests,
// with what the caller knows, and sets them if none is another. It leaves the
// arithmetic, and with it what a record means, to the caller.
//
// KEYS are the two hashes. ARGV are:
//
//	1     the epoch that the caller goes by
//	2     the epoch to set instead, or ""
//	3     the field of the caller's lease, or ""
//	4     the lease's new end, in microseconds
//	5     "new" to begin the lease
//	6     how many records follow
//	7…    five for each record: its hash (1 or 2), its field, the digest of what it
//	      was ("?" to read only), "set", "del" or nothing, and the value to set
//	rest  two each: a field of the second hash, and its value ("" deletes the field)
const compareAndSet = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local epoch = redis.call('HGET', KEYS[1], 'epoch') or ''
if epoch ~= (redis.call('HGET', KEYS[2], 'epoch') or '') then epoch = '' end
local state, count = 'ok', tonumber(ARGV[6])
local reply = {time[1], time[2], epoch, state}
if epoch ~= ARGV[1] or epoch == '' and ARGV[2] == '' then
  state = 'epoch'
elseif ARGV[3] ~= '' and ARGV[5] ~= 'new' then
  local ends = redis.call('HGET', KEYS[2], ARGV[3])
  if not ends or tonumber(ends) <= now then state = 'lease' end
end
local good = state == 'ok'
for i = 0, count - 1 do
  local at = 7 + 5 * i
  local value = redis.call('HGET', KEYS[tonumber(ARGV[at])], ARGV[at + 1])
  reply[5 + i] = value
  if state == 'ok' and redis.sha1hex(value or '') ~= ARGV[at + 2] then state = 'changed' end
end
reply[4] = state
if state == 'ok' then
  if ARGV[2] ~= '' then
    redis.call('HSET', KEYS[1], 'epoch', ARGV[2])
    redis.call('HSET', KEYS[2], 'epoch', ARGV[2])
  end
  for i = 0, count - 1 do
    local at = 7 + 5 * i
    if ARGV[at + 3] == 'set' then redis.call('HSET', KEYS[tonumber(ARGV[at])], ARGV[at + 1], ARGV[at + 4])
    elseif ARGV[at + 3] == 'del' then redis.call('HDEL', KEYS[tonumber(ARGV[at])], ARGV[at + 1]) end
  end
end
if good then
  if ARGV[3] ~= '' then redis.call('HSET', KEYS[2], ARGV[3], ARGV[4]) end
  for at = 7 + 5 * count, #ARGV, 2 do
    if ARGV[at + 1] == '' then redis.call('HDEL', KEYS[2], ARGV[at])
    else redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1]) end
  end
end
return reply
`

// redisCall is one run of the script. Without changes it only reads.
type redisCall struct {
	refs    []ref
	was     [][]byte // what the records are known to be
	changes []change
	fenced  bool   // nothing is changed once this process's lease has ended
	epoch   string // to set, see redis_epoch.go
}

// seen are the records as the call has found or left them.
func (c redisCall) seen(s *redisStore) [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	raws := make([][]byte, len(c.refs))
	for i, r := range c.refs {
		raws[i] = s.known[r]
	}
	return raws
}

// version tells one state of a record from another.
func version(raw []byte) string {
	sum := sha1.Sum(raw)
	return hex.EncodeToString(sum[:])
}

func (s *redisStore) args(c redisCall, script, epoch string, lease leaseArgs) []any {
	args := []any{script, 2, s.keys[0], s.keys[1], epoch, c.epoch, lease.field, lease.ends, lease.begin, len(c.refs)}
	for i, r := range c.refs {
		hash, field := s.field(r)
		args = append(args, hash+1, field)
		if c.changes == nil {
			args = append(args, "?", "", "")
			continue
		}
		switch args = append(args, version(c.was[i])); c.changes[i].action {
		case save:
			args = append(args, "set", c.changes[i].raw)
		case drop:
			args = append(args, "del", "")
		default:
			args = append(args, "", "")
		}
	}
	return append(args, lease.fields...)
}

// redisReply is what the script says.
type redisReply struct {
	time   instant
	epoch  string
	state  string // ok, changed, lease or epoch
	values [][]byte
}

func parseReply(v any, err error) (redisReply, error) {
	raws, err := redis.ByteSlices(v, err)
	if err != nil {
		return redisReply{}, err
	}
	if len(raws) < 4 {
		return redisReply{}, errors.New("the script's answer is short")
	}
	at, err := parseTime(raws[0], raws[1])
	return redisReply{at, string(raws[2]), string(raws[3]), raws[4:]}, err
}

// parseTime reads what TIME answers: seconds, and microseconds beside them.
func parseTime(seconds, micros []byte) (instant, error) {
	s, err1 := strconv.ParseInt(string(seconds), 10, 64)
	us, err2 := strconv.ParseInt(string(micros), 10, 64)
	return instant(0).add(time.Duration(s)*time.Second + time.Duration(us)*time.Microsecond), errors.Join(err1, err2)
}

// batchOfCalls is how many calls are under way at once: few enough that neither side
// waits for the other to read.
const batchOfCalls = 100

// exchange runs calls in one round trip for each hundred, and says of each whether it
// was carried out; one that only reads never is. Where the epoch or the lease was
// another than this process thought, nothing was, and is to be tried again.
func (s *redisStore) exchange(ctx context.Context, calls ...redisCall) ([]bool, error) {
	done := make([]bool, 0, len(calls))
	for batch := range slices.Chunk(calls, batchOfCalls) {
		replies, err := s.run(ctx, batch)
		if err != nil {
			return nil, err
		}
		for i, reply := range replies {
			if reply.state == "lease" && batch[i].fenced {
				return nil, errOwnerLost
			}
			done = append(done, reply.state == "ok" && batch[i].changes != nil)
		}
	}
	return done, nil
}

// run sends calls, and sees to what their replies say of clock, epoch and lease.
func (s *redisStore) run(ctx context.Context, calls []redisCall) (replies []redisReply, err error) {
	err = s.conns.use(ctx, func(c *redisConn) (err error) {
		replies, err = s.runOn(c, calls)
		if err == nil {
			err = s.settle(c, replies)
		}
		return err
	})
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	for i, call := range calls {
		s.learn(call, replies[i])
	}
	return replies, nil
}

func (s *redisStore) runOn(c *redisConn, calls []redisCall) ([]redisReply, error) {
	epoch, lease := s.currentEpoch(), s.lease()
	sent := s.clock.local()
	for i, call := range calls {
		if err := c.Send("EVALSHA", s.args(call, c.script, epoch, lease.args(i == 0))...); err != nil {
			return nil, err
		}
	}
	if err := c.Flush(); err != nil {
		return nil, err
	}
	replies := make([]redisReply, len(calls))
	for i := range calls {
		var err error
		if replies[i], err = parseReply(c.Receive()); err != nil {
			return nil, err
		}
		s.clock.observe(sent, s.clock.local(), replies[i].time)
	}
	if state := replies[0].state; state == "ok" || state == "changed" {
		s.written(lease)
	}
	return replies, nil
}

// settle sees to an epoch or a lease that is not what this process thought.
func (s *redisStore) settle(c *redisConn, replies []redisReply) error {
	for _, reply := range replies {
		switch reply.state {
		case "lease":
			s.lapsed()
		case "epoch":
			return s.enterEpoch(c, reply.epoch)
		}
	}
	return nil
}

// learn remembers the records as a call has found or left them.
func (s *redisStore) learn(c redisCall, reply redisReply) {
	for i, r := range c.refs {
		raw := reply.values[i]
		if reply.state == "ok" && c.changes != nil {
			switch c.changes[i].action {
			case save:
				raw = c.changes[i].raw
			case drop:
				raw = nil
			}
		}
		s.remember(r, raw)
	}
}

func (s *redisStore) failed(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return &StateError{"reach", s.server.String(), err}
}
