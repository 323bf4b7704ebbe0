package mapping

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ficushealth/ficus/fhir"
)

// instant turns the time on the wall of a place into a time with an offset, and back. Of an hour that stands twice on the
// clock, the first is meant; one that is skipped keeps the offset from before, and is a finding.
type instant struct {
	zone *time.Location
	utc  bool // of a record: in UTC with microseconds
}

// day is how far an offset is looked for around a change of clocks; no zone changes twice in this time.
const aDay = 24 * 60 * 60

func (c instant) to(_ *run, b []byte) value {
	w, ok := readWall(view(b))
	if !ok {
		return value{fit: unfit}
	}
	offset, gap := c.offset(w.seconds())
	v := quoted(c.write(w, offset))
	if gap {
		v.code = Gap
	}
	if c.utc && (gap || len(w.fraction) > 7) {
		v.fit = unfit
	}
	return v
}

// wall is a date and time without a zone.
type wall struct {
	day
	moment
}

func readWall(s string) (w wall, ok bool) {
	if len(s) < 19 || s[10] != ' ' {
		return w, false
	}
	d, ok := readDate(s)
	m, also := readClock(s[11:])
	return wall{d, m}, ok && also
}

// seconds are those since 1970 if the wall were in UTC.
func (w wall) seconds() int64 {
	return time.Date(w.year, time.Month(w.month), w.day.day, w.hour, w.minute, w.second, 0, time.UTC).Unix()
}

// offset is that of the zone, in seconds, at a time on the wall; gap says that the clocks skipped it.
func (c instant) offset(wall int64) (offset int, gap bool) {
	early, late := c.at(wall-aDay), c.at(wall+aDay)
	switch {
	case c.at(wall-int64(early)) == early:
		return early, false
	case c.at(wall-int64(late)) == late:
		return late, false
	}
	return early, true
}

func (c instant) at(unix int64) int {
	_, offset := time.Unix(unix, 0).In(c.zone).Zone()
	return offset
}

func (c instant) write(w wall, offset int) []byte {
	if c.utc {
		return c.universal(w, offset)
	}
	b := make([]byte, 0, 32)
	b = appendDigits(b, w.year, 4)
	b = appendDigits(append(b, '-'), w.month, 2)
	b = appendDigits(append(b, '-'), w.day.day, 2)
	b = appendDigits(append(b, 'T'), w.hour, 2)
	b = appendDigits(append(b, ':'), w.minute, 2)
	b = appendDigits(append(b, ':'), w.second, 2)
	return c.appendOffset(append(b, w.fraction...), offset)
}

// universal writes the form of records: UTC, microseconds.
func (c instant) universal(w wall, offset int) []byte {
	micros := number((strings.TrimPrefix(w.fraction, ".") + "000000")[:6])
	return time.Unix(w.seconds()-int64(offset), int64(micros)*1000).UTC().AppendFormat(nil, fhir.InstantFormat)
}

// appendOffset writes an offset in minutes; those of old local times, which have seconds, lose them.
func (c instant) appendOffset(b []byte, offset int) []byte {
	if c.zone == time.UTC {
		return append(b, 'Z')
	}
	sign, minutes := byte('+'), offset/60
	if offset < 0 {
		sign, minutes = '-', -offset/60
	}
	b = appendDigits(append(b, sign), minutes/60, 2)
	return appendDigits(append(b, ':'), minutes%60, 2)
}

func appendDigits(b []byte, n, width int) []byte {
	for unit := []int{1, 10, 100, 1000}[width-1]; unit > 0; unit /= 10 {
		b = append(b, byte('0'+n/unit%10))
	}
	return b
}

// from gives the time on the wall. A text that to has written gives its own digits; another is carried over into the zone.
func (c instant) from(_ *run, v fhir.Value) ([]byte, bool) {
	s := v.Str()
	if len(s) < 20 || s[10] != 'T' || v.Kind() != fhir.String {
		return nil, false
	}
	end := strings.IndexAny(s[19:], "Z+-") + 19
	if end < 19 {
		return nil, false
	}
	same := s[:10] + " " + s[11:end]
	if w, ok := readWall(same); ok && !c.utc {
		if offset, _ := c.offset(w.seconds()); string(c.write(w, offset)) == s {
			return []byte(same), true
		}
	}
	return c.local(s)
}

func (c instant) local(s string) ([]byte, bool) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return nil, false
	}
	b := t.In(c.zone).AppendFormat(nil, "2006-01-02 15:04:05")
	if fraction := t.Nanosecond(); fraction != 0 {
		b = append(b, strings.TrimRight(fmt.Sprintf(".%09d", fraction), "0")...)
	}
	return b, true
}

// scaled is for a column of so many digits of a second; a value of more or fewer does not fit.
type scaled struct {
	instant
	scale int
}

func (c scaled) to(r *run, b []byte) value {
	v := c.instant.to(r, b)
	if fraction := len(b) - len("2006-01-02 15:04:05"); v.fit == exact && fraction != min(c.scale, 1)+c.scale {
		v.fit = unfit
	}
	return v
}

func (c scaled) from(r *run, v fhir.Value) ([]byte, bool) {
	b, ok := c.instant.from(r, v)
	if !ok {
		return nil, false
	}
	return c.fitted(b)
}

// fitted is a time on the wall as the column writes it; ok is false if digits would be lost.
func (c scaled) fitted(b []byte) ([]byte, bool) {
	head, fraction, _ := strings.Cut(string(b), ".")
	fraction += strings.Repeat("0", max(0, c.scale-len(fraction)))
	lost := strings.Trim(fraction[c.scale:], "0") != ""
	if c.scale == 0 {
		return []byte(head), !lost
	}
	return []byte(head + "." + fraction[:c.scale]), !lost
}

// zoneNamed is the zone of an offset such as "+00:00", or of a name of the IANA time zone database.
func zoneNamed(name string) (*time.Location, error) {
	if name == "+00:00" || name == "UTC" {
		return time.UTC, nil
	}
	if len(name) == 6 && (name[0] == '+' || name[0] == '-') && name[3] == ':' {
		hours, errH := strconv.Atoi(name[:3])
		minutes, errM := strconv.Atoi(name[4:])
		if errH != nil || errM != nil {
			return nil, fmt.Errorf("%q is no offset", name)
		}
		if name[0] == '-' {
			minutes = -minutes
		}
		return time.FixedZone(name, hours*3600+minutes*60), nil
	}
	return time.LoadLocation(name)
}
