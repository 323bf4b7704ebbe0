package edge

import (
	"hash/maphash"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/ficushealth/ficus/fault"
)

// Kind is what is limited.
type Kind int

// The kinds. Each has buckets of its own.
const (
	User    Kind = iota // requests of a person, and of apps that act for him
	Client              // requests of an app or service, for whomever
	Address             // requests from an address that let nobody in
	SignIn              // attempts to sign in, and questions to users, from an address
	Token               // requests for tokens, from an address and of a client
	Device              // devices that begin to ask, from an address and of a client
	Poll                // a device that asks for its answer (RFC 8628 section 3.5)
	kinds
)

// LimitOptions may all be zero.
type LimitOptions struct {
	Rates map[Kind]Rate // kinds that are not there have no limit
	Now   func() time.Time
	Size  int // how many names are remembered; default 65,536
}

// Limits are token buckets for all kinds and names. They keep one instant for each of the last Size names at least, and of twice as
// many at most: when the young ones are that many, the old ones are dropped. So a flood of made-up names costs a bounded amount of
// memory; who is forgotten begins with a full bucket. Names are kept as keyed hashes. A nil *Limits has no limit. Safe for concurrent use.
type Limits struct {
	rates [kinds]Rate
	now   func() time.Time
	size  int
	seed  maphash.Seed

	mu         sync.Mutex
	young, old map[uint64]int64 // when the bucket is going to be full again, in nanoseconds since 1970
}

const defaultSize = 1 << 16

// NewLimits makes Limits.
func NewLimits(o LimitOptions) *Limits {
	l := &Limits{now: o.Now, size: o.Size, seed: maphash.MakeSeed(), young: map[uint64]int64{}}
	if l.now == nil {
		l.now = time.Now
	}
	if l.size <= 0 {
		l.size = defaultSize
	}
	for kind, rate := range o.Rates {
		l.rates[kind] = rate
	}
	return l
}

// Take takes one from the bucket of a name. Fault: TooMany if it is empty; RetryAfter says how long that lasts. Who is refused takes
// nothing, so who goes on asking too often still gets what the rate allows.
func (l *Limits) Take(kind Kind, name string) error {
	if l == nil || l.rates[kind].Every <= 0 || name == "" {
		return nil
	}
	if wait := l.take(l.rates[kind], l.key(kind, name)); wait > 0 {
		busy := fault.New(fault.TooMany, "too many requests; wait for %s seconds", seconds(wait))
		busy.Wait = wait
		return busy
	}
	return nil
}

func (l *Limits) key(kind Kind, name string) uint64 {
	var h maphash.Hash
	h.SetSeed(l.seed)
	h.WriteByte(byte(kind)) //nolint:errcheck // never fails
	h.WriteString(name)     //nolint:errcheck // as above
	return h.Sum64()
}

// take is the generic cell rate algorithm: a bucket is the instant at which it is full again.
func (l *Limits) take(r Rate, key uint64) (wait time.Duration) {
	now := l.now().UnixNano()
	l.mu.Lock()
	defer l.mu.Unlock()
	full, known := l.young[key]
	if !known {
		full = l.old[key]
	}
	next := max(full, now) + int64(r.Every)
	if early := next - now - int64(r.Every)*int64(r.Burst); early > 0 {
		return time.Duration(early)
	}
	if !known && len(l.young) >= l.size {
		l.old, l.young = l.young, make(map[uint64]int64, l.size)
	}
	l.young[key] = next
	return 0
}

// RetryAfter is the header of that name for a fault that passes (RFC 9110 section 10.2.3): a second, if the fault does not say.
func RetryAfter(err error) string {
	if f := fault.Find(err); f != nil && f.Wait > 0 {
		return seconds(f.Wait)
	}
	return "1"
}

// seconds are whole ones, at least one.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64(max(1, (d+time.Second-1)/time.Second)), 10)
}

// Neighbourhood is the part of an address that stands for who is there: of IPv6 the network of 64 bits, as that is what one
// customer has.
func Neighbourhood(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	network, err := ip.Prefix(64)
	if err != nil {
		return address
	}
	return network.String()
}
