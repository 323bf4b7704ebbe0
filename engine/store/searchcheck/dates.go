package searchcheck

import (
	"strings"
	"time"
)

// span is a stretch of time from a moment up to, not including, another; a zero end is open.
type span struct{ from, to time.Time }

func (s span) start() time.Time {
	if s.from.IsZero() {
		return time.Unix(-1<<40, 0)
	}
	return s.from
}

func (s span) end() time.Time {
	if s.to.IsZero() {
		return time.Unix(1<<40, 0)
	}
	return s.to
}

func (s span) contains(t span) bool {
	return !t.start().Before(s.start()) && !t.end().After(s.end())
}

func (s span) overlaps(t span) bool { return s.start().Before(t.end()) && t.start().Before(s.end()) }

// dateMatch compares the range of the value with that of the text (https://hl7.org/fhir/R4/search.html#prefix).
func dateMatch(v any, t string, now time.Time) verdict {
	prefix, rest := cutPrefix(t)
	asked, ok := spanOf(rest)
	target, there := valueSpan(v)
	if !ok || !there {
		return no
	}
	above := target.end().After(asked.end())
	below := target.start().Before(asked.start())
	within := asked.contains(target)
	switch prefix {
	case "ne":
		return is(!within)
	case "gt":
		return is(above)
	case "lt":
		return is(below)
	case "ge":
		return is(above || within)
	case "le":
		return is(below || within)
	case "sa":
		return is(!target.start().Before(asked.end()))
	case "eb":
		return is(!target.end().After(asked.start()))
	case "ap":
		return around(asked, target, now)
	}
	return is(within)
}

// around is free beyond the range itself; the standard recommends a tenth of the distance from now.
func around(asked, target span, now time.Time) verdict {
	if asked.overlaps(target) {
		return yes
	}
	reach := max(now.Sub(asked.start()).Abs(), now.Sub(asked.end()).Abs())/9 + asked.end().Sub(asked.start())
	wide := span{asked.start().Add(-reach), asked.end().Add(reach)}
	if wide.overlaps(target) {
		return maybe
	}
	return no
}

func valueSpan(v any) (span, bool) {
	switch x := v.(type) {
	case string:
		return spanOf(x)
	case time.Time:
		return span{x, x.Add(time.Microsecond)}, true
	case map[string]any:
		from, begun := spanOf(str(x, "start"))
		to, ended := spanOf(str(x, "end"))
		return span{from.from, to.to}, begun || ended
	}
	return span{}, false
}

// forms are the precisions in which a date is written, and how long each lasts.
func forms() []struct {
	layout string
	end    func(time.Time) time.Time
} {
	add := func(d time.Duration) func(time.Time) time.Time {
		return func(t time.Time) time.Time { return t.Add(d) }
	}
	return []struct {
		layout string
		end    func(time.Time) time.Time
	}{
		{"2006", func(t time.Time) time.Time { return t.AddDate(1, 0, 0) }},
		{"2006-01", func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
		{"2006-01-02", func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
		{"2006-01-02T15:04Z07:00", add(time.Minute)},
		{"2006-01-02T15:04:05.000Z07:00", add(time.Millisecond)},
		{"2006-01-02T15:04:05Z07:00", add(time.Second)},
	}
}

func spanOf(s string) (span, bool) {
	for _, f := range forms() {
		// Go reads a fraction that the layout does not have, so the lengths decide.
		if strings.Contains(f.layout, ".") != strings.Contains(s, ".") {
			continue
		}
		if t, err := time.Parse(f.layout, s); err == nil {
			return span{t, f.end(t)}, true
		}
	}
	return span{}, false
}

func cutPrefix(t string) (prefix, rest string) {
	if len(t) > 2 && t[0] >= 'a' && t[0] <= 'z' {
		return t[:2], t[2:]
	}
	return "", t
}
