package ledger

import (
	"context"
	"strings"

	"github.com/gomodule/redigo/redis"
)

// scanCount is how many fields a step of a scan looks at.
const scanCount = 2000

// scan calls f with each record of a kind.
func (s *redisStore) scan(k kind, f func(field string, raw []byte)) error {
	seen := map[string]bool{}
	cursor := "0"
	for {
		var fields [][]byte
		err := s.conns.use(context.Background(), func(c *redisConn) error {
			parts, err := redis.Values(c.Do("HSCAN", s.keys[0], cursor, "MATCH", string(k)+" *", "COUNT", scanCount))
			if err != nil {
				return err
			}
			_, err = redis.Scan(parts, &cursor, &fields)
			return err
		})
		if err != nil {
			return s.failed(context.Background(), err)
		}
		for i := 0; i+1 < len(fields); i += 2 {
			if field := string(fields[i]); !seen[field] { // a scan may say something twice
				seen[field] = true
				f(field, fields[i+1])
			}
		}
		if cursor == "0" {
			return nil
		}
	}
}

// random calls f with up to n records of any kind.
func (s *redisStore) random(n int, f func(field string, raw []byte)) error {
	var fields [][]byte
	err := s.conns.use(context.Background(), func(c *redisConn) (err error) {
		fields, err = redis.ByteSlices(c.Do("HRANDFIELD", s.keys[0], n, "WITHVALUES"))
		return err
	})
	if err != nil {
		return s.failed(context.Background(), err)
	}
	for i := 0; i+1 < len(fields); i += 2 {
		if field := string(fields[i]); strings.Contains(field, " ") { // not the epoch
			f(field, fields[i+1])
		}
	}
	return nil
}
