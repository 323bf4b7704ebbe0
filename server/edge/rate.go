package edge

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ficushealth/ficus/fault"
)

// Rate is how often something may be done: once in a time for long, and Burst times at once after a pause. The zero Rate is no
// limit.
type Rate struct {
	Every time.Duration
	Burst int
}

// units in which a rate is written.
func units() map[string]time.Duration {
	return map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}
}

// UnmarshalText reads "100/s:1000": a hundred in a second for long, and a thousand at once. Units are s, m and h; without the part
// after the colon it is as many at once. 0 is no limit. Fault: Invalid.
func (r *Rate) UnmarshalText(text []byte) error {
	if string(text) == "0" {
		*r = Rate{}
		return nil
	}
	often, burst, hasBurst := strings.Cut(string(text), ":")
	number, unit, _ := strings.Cut(often, "/")
	n, err1 := strconv.Atoi(number)
	if !hasBurst {
		burst = number
	}
	b, err2 := strconv.Atoi(burst)
	per := units()[unit]
	if err1 != nil || err2 != nil || per == 0 || n < 1 || b < 1 || n > math.MaxInt32 || b > math.MaxInt32 || time.Duration(n) > per {
		return fault.New(fault.Invalid, "%q is no rate: write 100/s:1000 for a hundred in a second and a thousand at once after a pause, with s, m or h, or 0 for no limit", text)
	}
	*r = Rate{per / time.Duration(n), b}
	return nil
}

// String is what UnmarshalText reads.
func (r Rate) String() string {
	for _, unit := range []string{"s", "m", "h"} {
		if per := units()[unit]; r.Every > 0 && per%r.Every < per/1000+1 && per/r.Every > 0 {
			return strconv.Itoa(int(per/r.Every)) + "/" + unit + ":" + strconv.Itoa(r.Burst)
		}
	}
	return "0"
}
