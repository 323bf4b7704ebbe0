package accounts

import (
	"strconv"
	"strings"
	"time"

	"github.com/ficushealth/ficus/fault"
)

// Hours are hours of the day somewhere; where Till is not behind From, they go past midnight.
type Hours struct {
	From, Till int // 0 to 24
	Zone       *time.Location
}

// ParseHours reads 07-19 (in UTC) or 07-19@America/Toronto. Fault: Invalid.
func ParseHours(text string) (Hours, error) {
	hours, zone, named := strings.Cut(text, "@")
	from, till, ok := strings.Cut(hours, "-")
	h := Hours{Zone: time.UTC}
	var errFrom, errTill, err error
	h.From, errFrom = strconv.Atoi(from)
	h.Till, errTill = strconv.Atoi(till)
	if named {
		h.Zone, err = time.LoadLocation(zone)
	}
	if !ok || errFrom != nil || errTill != nil || err != nil || h.From < 0 || h.From > 24 || h.Till < 0 || h.Till > 24 || h.From == h.Till {
		return Hours{}, fault.New(fault.Invalid, "hours are written as 07-19, or as 07-19@America/Toronto")
	}
	return h, nil
}

// Hold reports whether an instant is within the hours. Zero hours hold always.
func (h Hours) Hold(at time.Time) bool {
	if h.Zone == nil {
		return true
	}
	hour := at.In(h.Zone).Hour()
	if h.From < h.Till {
		return h.From <= hour && hour < h.Till
	}
	return hour >= h.From || hour < h.Till
}
