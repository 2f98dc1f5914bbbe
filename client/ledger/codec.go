package ledger

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// A record is: magic, length and CRC-32 of the payload, payload, padding. The
// payload begins with the record's key and the stamp of its writing.
const (
	magic      = "smp\x01"
	headLen    = len(magic) + 4 + 4
	maxPayload = 1 << 20
)

var errDamaged = errors.New("damaged record")

// body is the part of a record that depends on its kind.
type body interface {
	reset() // makes it what a missing record says
	encode(*encoder)
	decode(*decoder)
}

func encodeRecord(key string, s stamp, b body) []byte {
	e := &encoder{b: make([]byte, headLen, 512)}
	e.str(key)
	e.num(s.boot)
	e.num(uint64(s.at))
	e.num(uint64(s.wall))
	b.encode(e)
	payload := e.b[headLen:]
	copy(e.b, magic)
	binary.LittleEndian.PutUint32(e.b[4:], uint32(len(payload)))
	binary.LittleEndian.PutUint32(e.b[8:], crc32.ChecksumIEEE(payload))
	return e.b
}

// recordLen is how many bytes the record that begins with head takes up.
func recordLen(head []byte) (n int, ok bool) {
	if len(head) < headLen || string(head[:4]) != magic {
		return 0, false
	}
	n = int(binary.LittleEndian.Uint32(head[4:]))
	return headLen + n, n <= maxPayload
}

// decodeRecord reads into b what encodeRecord wrote. An empty raw is no record and
// leaves b as it is. Anything else that encodeRecord did not write is errDamaged, and
// b then holds nothing to rely on.
func decodeRecord(raw []byte, b body) (key string, s stamp, err error) {
	if len(raw) == 0 {
		return "", stamp{}, nil
	}
	n, ok := recordLen(raw)
	if !ok || n > len(raw) {
		return "", stamp{}, errDamaged
	}
	payload := raw[headLen:n]
	if crc32.ChecksumIEEE(payload) != binary.LittleEndian.Uint32(raw[8:]) {
		return "", stamp{}, errDamaged
	}
	d := &decoder{b: payload}
	key = d.str()
	s = stamp{boot: d.num(), at: instant(d.num()), wall: int64(d.num())}
	b.decode(d)
	if d.short || len(d.b) > 0 {
		return "", stamp{}, errDamaged
	}
	return key, s, nil
}

type encoder struct{ b []byte }

func (e *encoder) num(n uint64) { e.b = binary.LittleEndian.AppendUint64(e.b, n) }

func (e *encoder) str(s string) {
	e.b = binary.LittleEndian.AppendUint16(e.b, uint16(len(s)))
	e.b = append(e.b, s...)
}

func (e *encoder) flag(v bool) {
	if v {
		e.b = append(e.b, 1)
	} else {
		e.b = append(e.b, 0)
	}
}

// decoder never fails at once; short says at the end that something was missing.
type decoder struct {
	b     []byte
	short bool
}

func (d *decoder) take(n int) []byte {
	if n > len(d.b) {
		d.short, d.b = true, nil
		return nil
	}
	p := d.b[:n]
	d.b = d.b[n:]
	return p
}

func (d *decoder) num() uint64 {
	if p := d.take(8); p != nil {
		return binary.LittleEndian.Uint64(p)
	}
	return 0
}

func (d *decoder) str() string {
	if p := d.take(2); p != nil {
		return string(d.take(int(binary.LittleEndian.Uint16(p))))
	}
	return ""
}

func (d *decoder) flag() bool {
	p := d.take(1)
	return p != nil && p[0] != 0
}

// count reads the length of a list whose items take size bytes each.
func (d *decoder) count(size int) int {
	n := d.num()
	if n > uint64(len(d.b)/size) {
		d.short, d.b = true, nil
		return 0
	}
	return int(n)
}
