package index

import (
	"strings"
	"time"

	"github.com/ficushealth/ficus/fault"
)

const (
	micro  = int64(1)
	second = 1_000_000 * micro
	minute = 60 * second
	day    = 24 * 60 * minute
)

// ParseDate gives what a date, dateTime or instant covers, in microseconds since 1970 UTC, both ends included: "2020" the
// year, "2020-02-29T10:00:00Z" the second, one with a fraction what the fraction's digits leave open. Without a zone it is
// UTC. Minutes without seconds are accepted, as in a query. Second 60 is the first of the next minute. Faults: Invalid.
func ParseDate(s string) (lo, hi int64, err error) {
	p := dateParser{rest: s}
	lo, hi, ok := p.read()
	if !ok || p.rest != "" {
		return 0, 0, fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "not a date, dateTime or instant"})
	}
	return lo, hi, nil
}

type dateParser struct{ rest string }

func (p *dateParser) read() (lo, hi int64, ok bool) {
	year, ok := p.digits(4)
	if !ok || year == 0 {
		return 0, 0, false
	}
	month, ok := p.after("-", 2)
	if !ok {
		return span(days(year, 1, 1), days(year+1, 1, 1))
	}
	if month < 1 || month > 12 {
		return 0, 0, false
	}
	d, ok := p.after("-", 2)
	if !ok {
		return span(days(year, month, 1), days(year, month+1, 1))
	}
	if d < 1 || d > daysIn(year, month) {
		return 0, 0, false
	}
	if p.rest == "" {
		return span(days(year, month, d), days(year, month, d)+1)
	}
	return p.clock(int64(days(year, month, d)) * day)
}

func span(from, to int) (lo, hi int64, ok bool) {
	return int64(from) * day, int64(to)*day - 1, true
}

// clock reads Thh:mm[:ss[.f...]][zone] behind the date that begins at lo.
func (p *dateParser) clock(lo int64) (int64, int64, bool) {
	h, ok1 := p.after("T", 2)
	m, ok2 := p.after(":", 2)
	if !ok1 || !ok2 || h > 23 || m > 59 {
		return 0, 0, false
	}
	lo, width := lo+int64(h*60+m)*minute, minute
	if s, ok := p.after(":", 2); ok {
		if s > 60 {
			return 0, 0, false
		}
		lo, width = lo+int64(s)*second, second
		if strings.HasPrefix(p.rest, ".") {
			f, w, ok := p.fraction()
			if !ok {
				return 0, 0, false
			}
			lo, width = lo+f, w
		}
	}
	zone, ok := p.zone()
	return lo - zone, lo - zone + width - 1, ok
}

// fraction reads a dot and digits; beyond microseconds they are read and ignored.
func (p *dateParser) fraction() (value, width int64, ok bool) {
	p.rest, width = p.rest[1:], second
	for p.rest != "" && p.rest[0] >= '0' && p.rest[0] <= '9' {
		if width > micro {
			width /= 10
			value += int64(p.rest[0]-'0') * width
		}
		p.rest, ok = p.rest[1:], true
	}
	return value, width, ok
}

func (p *dateParser) zone() (offset int64, ok bool) {
	if p.rest == "" {
		return 0, true
	}
	sign := int64(1)
	switch p.rest[0] {
	case 'Z':
		p.rest = p.rest[1:]
		return 0, true
	case '-':
		sign = -1
	case '+':
	default:
		return 0, false
	}
	h, ok1 := p.after(p.rest[:1], 2)
	m, ok2 := p.after(":", 2)
	return sign * int64(h*60+m) * minute, ok1 && ok2 && m <= 59 && (h < 14 || h == 14 && m == 0)
}

// after reads n digits behind mark, or nothing.
func (p *dateParser) after(mark string, n int) (int, bool) {
	rest, found := strings.CutPrefix(p.rest, mark)
	if !found {
		return 0, false
	}
	before := p.rest
	p.rest = rest
	v, ok := p.digits(n)
	if !ok {
		p.rest = before
	}
	return v, ok
}

func (p *dateParser) digits(n int) (v int, ok bool) {
	if len(p.rest) < n {
		return 0, false
	}
	for i := range n {
		c := p.rest[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	p.rest = p.rest[n:]
	return v, true
}

// days counts from 1970-01-01; month 13 is January of the next year.
func days(year, month, d int) int {
	return int(time.Date(year, time.Month(month), d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func daysIn(year, month int) int { return days(year, month+1, 1) - days(year, month, 1) }
