package signin

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"github.com/ficushealth/ficus/fault"
)

const (
	fetchTime = 5 * time.Second
	fetchSize = 64 << 10
)

// fetcher reads documents at addresses that others have chosen: by HTTPS, without following where it is sent, within bounds,
// and from no address inside of the own network. The address is looked at when it is dialed: a name may lead elsewhere the next time it is asked for.
type fetcher struct{ client *http.Client }

func newFetcher(allow func(netip.Addr) bool) *fetcher {
	d := &net.Dialer{Timeout: fetchTime, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !allow(at.Addr().Unmap()) {
			return fault.New(fault.Forbidden, "the address lies in a network that is not public")
		}
		return nil
	}}
	return &fetcher{&http.Client{
		Timeout:       fetchTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DialContext: d.DialContext, TLSHandshakeTimeout: fetchTime, MaxResponseHeaderBytes: fetchSize, DisableKeepAlives: true, ForceAttemptHTTP2: true},
	}}
}

// public tells whether an address belongs to no private, local or special network (RFC 6890).
func public(ip netip.Addr) bool {
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, special := range [...]string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16"} {
		if netip.MustParsePrefix(special).Contains(ip) {
			return false
		}
	}
	return true
}

// fetch reads what lies at an address. Fault: Unavailable if it cannot be had.
func (f *fetcher) fetch(ctx context.Context, address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil {
		return nil, fault.New(fault.Unavailable, "only addresses that begin with https:// are read")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "the address cannot be read")
	}
	r.Header.Set("Accept", "application/json")
	res, err := f.client.Do(r)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "nothing could be read there")
	}
	defer res.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(io.LimitReader(res.Body, fetchSize+1))
	if err != nil || res.StatusCode != http.StatusOK || len(body) > fetchSize {
		return nil, fault.New(fault.Unavailable, "what could be read there is no answer, or too much")
	}
	return body, nil
}
