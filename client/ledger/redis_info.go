package ledger

import (
	"context"
	"time"

	"github.com/gomodule/redigo/redis"
)

// RedisInfo is what a server says of itself.
type RedisInfo struct {
	Version string
	Answers time.Duration // how long an answer takes
	Replica bool          // it takes no changes
	Evicts  bool          // it throws records away where memory is short
}

// Info asks a server what it is, and changes nothing.
func (r Redis) Info(ctx context.Context) (info RedisInfo, err error) {
	if r.Timeout == 0 {
		r.Timeout = defaultTimeout
	}
	conns := newRedisConns(ctx, r, [2]string{"smp:", "smp:"})
	defer conns.close()
	err = conns.use(ctx, func(c *redisConn) error {
		began := time.Now()
		if _, err := c.Do("PING"); err != nil {
			return err
		}
		info.Answers = time.Since(began)
		said, err := redis.String(c.Do("INFO"))
		if err != nil {
			return err
		}
		info.Version = infoField(said, "redis_version")
		info.Replica = infoField(said, "role") == "slave"
		policy := infoField(said, "maxmemory_policy")
		info.Evicts = policy != "" && policy != "noeviction" && infoField(said, "maxmemory") != "0"
		return nil
	})
	if err != nil {
		return RedisInfo{}, &StateError{"reach", r.String(), err}
	}
	return info, nil
}
