//go:build browser

package mock

import (
	"fmt"
	"time"
)

// busy is a mock with 24 IPs some minutes after its start, two of which were
// asked too early.
func busy() told {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(s float64) time.Time { return now.Add(time.Duration(s * float64(time.Second))) }
	var ips, sessions, journal, waiting []any
	violations, unknowable, seq := 0, 0, 0
	for i := range 24 {
		ip, session := fmt.Sprintf("198.18.%d.%d", i%3, 10+i), fmt.Sprint(1200000+i*7331)
		delay, next, requests := 12.0, 0.0, 0
		for t := -230 + float64(i%7)*1.7; t < 0; t += 12.0 + float64(i%5)*1.3 {
			seq++
			requests++
			came, entry := t, object{
				"seq": seq, "request": seq, "conn": fmt.Sprintf("127.0.0.1:%d", 40000+i), "kind": "target", "method": "GET",
				"target": fmt.Sprintf("http://shop%d.example/item/%d", i%4, seq), "session": session, "ip": ip, "status": 200,
				"slot": at(t), "started": at(t), "duration_s": 0.2, "bytes": 12345,
				"request_headers": object{"Host": []string{"shop.example"}, "User-Agent": []string{"python-requests/2.28.1"}},
			}
			switch {
			case i == 3 && requests%6 == 4:
				came = t - 4.2
				entry["early_s"], entry["held_s"], entry["verdict"] = 4.2, 4.2, "violation"
				delay++
				violations++
			case i == 5 && requests == 2:
				came = t - 7
				entry["early_s"], entry["held_s"], entry["verdict"], entry["reason"] = 7.0, 7.0, "unknowable", "no answer had named the session's IP"
				unknowable++
			case i%6 == 2 && requests%4 == 0:
				came = t - 3
				entry["held_s"] = 3.0
			case i%8 == 7 && requests%5 == 0:
				entry["status"], entry["error"] = 503, "banned"
			case i == 11:
				delete(entry, "session")
				delete(entry, "slot")
			}
			entry["time"] = at(came)
			journal = append(journal, entry)
			next = t + delay
		}
		if i%2 == 1 {
			waiting = append(waiting, object{
				"request": 10000 + i, "conn": "127.0.0.1:50000", "kind": "target", "method": "GET", "target": "http://shop.example/waits",
				"session": session, "ip": ip, "time": at(-2), "slot": at(next),
			})
		}
		ips = append(ips, object{"ip": ip, "delay_s": delay, "next_slot": at(next), "held": i % 2, "requests": requests, "violations": map[bool]int{true: violations}[i == 3]})
		sessions = append(sessions, object{
			"id": session, "ip": ip, "created": at(-400), "last_used": at(next - delay), "expires": at(next + 1788),
			"requests": requests, "banned": i%8 == 7,
		})
	}
	return told{
		state: object{
			"time": now, "since": at(-400), "time_scale": 1, "delay_s": 12, "plan": "enterprise", "session_limit": 5000, "session_ttl_s": 1800,
			"judged": seq, "violations": violations, "unknowable": unknowable, "held": 12,
			"sessions": sessions, "ips": ips, "waiting": waiting, "faults": []any{object{"name": "banned", "rate": 0.1}},
		},
		journal: journal,
	}
}

// crowd is a mock with that many sessions, each on an IP of its own, all of
// whose requests kept the delay but a few.
func crowd(sessions int) told {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(s float64) time.Time { return now.Add(time.Duration(s * float64(time.Second))) }
	var ips, all, journal []any
	seq, violations := 0, 0
	for i := range sessions {
		ip, id, broken := fmt.Sprintf("198.18.%d.%d", i/250, i%250), fmt.Sprint(3000000+i*911), 0
		last := 0.0
		for t := -120 + float64(i%12); t < -float64(i%3); t += 12.2 + float64(i%7)/3 {
			seq++
			entry := object{
				"seq": seq, "request": seq, "conn": fmt.Sprintf("127.0.0.1:%d", 30000+i), "kind": "target", "method": "GET", "status": 200,
				"target": fmt.Sprintf("https://catalogue.example/item/%d?page=%d&sort=price-ascending&currency=EUR", i, seq), "session": id, "ip": ip,
				"time": at(t), "slot": at(t), "started": at(t), "duration_s": 0.2,
			}
			if i%90 == 7 && seq%4 == 0 {
				entry["time"], entry["early_s"], entry["held_s"], entry["verdict"] = at(t-3), 3, 3, "violation"
				violations++
				broken++
			}
			journal, last = append(journal, entry), t
		}
		ips = append(ips, object{"ip": ip, "delay_s": 12 + broken, "next_slot": at(last + 12), "requests": 10, "violations": broken})
		all = append(all, object{"id": id, "ip": ip, "created": at(-130), "last_used": at(last), "expires": at(last + 1800), "requests": 10})
	}
	return told{
		state: object{
			"time": now, "since": at(-130), "time_scale": 1, "delay_s": 12, "plan": "enterprise", "session_limit": 5000, "session_ttl_s": 1800,
			"judged": seq, "violations": violations, "unknowable": 0, "held": 0, "sessions": all, "ips": ips,
		},
		journal: journal,
	}
}
