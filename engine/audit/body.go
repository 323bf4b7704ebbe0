package audit

import (
	"encoding/binary"
	"slices"
	"time"
)

const (
	bodyVersion = 2
	firstBody   = 1   // without names, sessions, agents, reasons and patients; still read
	maxWords    = 128 // words of a body that can be named again
)

// encodeBody writes gaps and entries in the format of the package comment.
func encodeBody(gaps []gap, entries []Entry) []byte {
	e := encoder{out: make([]byte, 0, 64+96*len(entries))}
	e.out = append(e.out, bodyVersion)
	e.gaps(gaps)
	e.number(len(entries))
	last := int64(0)
	for i := range entries {
		e.entry(&entries[i], &last)
	}
	return e.out
}

type encoder struct {
	out   []byte
	words []string
	spare []byte // the entry that is being written, before its length is known
}

func (e *encoder) number(n int) { e.out = binary.AppendUvarint(e.out, uint64(n)) }

func (e *encoder) text(s string) {
	e.number(len(s))
	e.out = append(e.out, s...)
}

func (e *encoder) word(s string) {
	if at := slices.Index(e.words, s); at >= 0 {
		e.number(at + 1)
		return
	}
	if len(e.words) < maxWords {
		e.words = append(e.words, s)
	}
	e.number(0)
	e.text(s)
}

func (e *encoder) gaps(gaps []gap) {
	e.number(len(gaps))
	end := uint64(0)
	for _, g := range gaps {
		e.out = binary.AppendUvarint(e.out, g.from-end)
		e.out = binary.AppendUvarint(e.out, g.count<<2|uint64(g.kind))
		end = g.from + g.count
	}
}

func (e *encoder) entry(a *Entry, last *int64) {
	whole := e.out
	e.out = e.spare[:0]
	at := a.At.UnixMicro()
	e.out = binary.AppendVarint(e.out, at-*last)
	*last = at
	for _, s := range [...]string{a.Action, a.Outcome, a.Subject, a.Client, a.Address, a.Purpose, a.Name, a.Session, a.Agent, a.Reason} {
		e.word(s)
	}
	e.text(a.RequestID)
	e.number(len(a.Things))
	for _, t := range a.Things {
		e.word(t.Type)
		e.text(t.ID)
		e.number(t.Version)
	}
	e.word(a.Query)
	e.text(a.Detail)
	e.patients(a.Patients)
	e.marks(a.Things)
	e.spare = e.out
	e.out = whole
	e.number(len(e.spare))
	e.out = append(e.out, e.spare...)
}

func (e *encoder) patients(ids []string) {
	e.number(len(ids))
	for _, id := range ids {
		e.text(id)
	}
}

// marks stand at the end, so that entries without any are as they were before there were marks.
func (e *encoder) marks(things []Thing) {
	if !slices.ContainsFunc(things, func(t Thing) bool { return t.Mark != 0 }) {
		return
	}
	for _, t := range things {
		e.out = binary.LittleEndian.AppendUint64(e.out, t.Mark)
	}
}

// decodeBody reads a body back. ok is false for what encodeBody did not write; the tenant of the entries is left to the
// caller.
func decodeBody(body []byte) (gaps []gap, entries []Entry, ok bool) {
	d := decoder{in: body, all: string(body)}
	if d.version = d.byte(); d.version != bodyVersion && d.version != firstBody {
		return nil, nil, false
	}
	gaps = d.gaps()
	n := d.count(len(body))
	last := int64(0)
	for range n {
		entries = append(entries, d.entry(&last))
	}
	return gaps, entries, !d.bad && len(d.in) == 0
}

// eachTime calls fn with the time of each entry of a body, and reads nothing else of it.
func eachTime(body []byte, fn func(at int64)) {
	d := decoder{in: body}
	d.byte()
	d.gaps()
	last := int64(0)
	for range d.count(len(body)) {
		size := d.count(len(d.in))
		behind := len(d.in) - size
		last += d.signed()
		left := len(d.in) - behind
		if d.bad || left < 0 {
			return
		}
		d.bytes(left)
		fn(last)
	}
}

type decoder struct {
	in      []byte
	all     string // what in is the end of: texts are pieces of it
	version byte
	words   []string
	bad     bool
}

func (d *decoder) fail() { d.in, d.bad = nil, true }

func (d *decoder) byte() byte {
	if len(d.in) == 0 {
		d.fail()
		return 0
	}
	b := d.in[0]
	d.in = d.in[1:]
	return b
}

func (d *decoder) number() uint64 {
	v, n := binary.Uvarint(d.in)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.in = d.in[n:]
	return v
}

func (d *decoder) signed() int64 {
	v, n := binary.Varint(d.in)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.in = d.in[n:]
	return v
}

// count reads a number of things that take at least a byte each.
func (d *decoder) count(most int) int {
	n := d.number()
	if n > uint64(most) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) bytes(n int) []byte {
	if n > len(d.in) {
		d.fail()
		return nil
	}
	b := d.in[:n]
	d.in = d.in[n:]
	return b
}

func (d *decoder) text() string {
	n := d.count(len(d.in))
	at := len(d.all) - len(d.in)
	if d.bytes(n); d.bad {
		return ""
	}
	return d.all[at : at+n]
}

func (d *decoder) word() string {
	at := d.number()
	if at > uint64(len(d.words)) {
		d.fail()
		return ""
	}
	if at > 0 {
		return d.words[at-1]
	}
	s := d.text()
	if len(d.words) < maxWords {
		d.words = append(d.words, s)
	}
	return s
}

func (d *decoder) gaps() (gaps []gap) {
	end := uint64(0)
	for range d.count(len(d.in)) {
		from := end + d.number()
		length := d.number()
		g := gap{from: from, count: length >> 2, kind: gapKind(length & 3)}
		end = g.from + g.count
		gaps = append(gaps, g)
	}
	return gaps
}

func (d *decoder) entry(last *int64) (a Entry) {
	rest := len(d.in)
	size := d.count(rest)
	behind := len(d.in) - size
	*last += d.signed()
	a.At = time.UnixMicro(*last).UTC()
	words := [...]*string{&a.Action, &a.Outcome, &a.Subject, &a.Client, &a.Address, &a.Purpose, &a.Name, &a.Session, &a.Agent, &a.Reason}
	for _, s := range words[:d.wordsOfEntry()] {
		*s = d.word()
	}
	a.RequestID = d.text()
	for range d.count(len(d.in)) {
		a.Things = append(a.Things, Thing{Type: d.word(), ID: d.text(), Version: int(d.number())})
	}
	a.Query, a.Detail = d.word(), d.text()
	if d.version > firstBody {
		a.Patients = d.patients()
	}
	if len(d.in) > behind {
		d.marks(a.Things)
	}
	if len(d.in) != behind {
		d.fail()
	}
	return a
}

// wordsOfEntry is how many words an entry begins with.
func (d *decoder) wordsOfEntry() int {
	if d.version == firstBody {
		return 6
	}
	return 10
}

func (d *decoder) patients() (ids []string) {
	for range d.count(len(d.in)) {
		ids = append(ids, d.text())
	}
	return ids
}

func (d *decoder) marks(things []Thing) {
	for i := range things {
		if b := d.bytes(8); b != nil {
			things[i].Mark = binary.LittleEndian.Uint64(b)
		}
	}
}
