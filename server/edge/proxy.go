package edge

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// Network is an address, or all those that begin alike: 10.0.0.7, 10.0.0.0/24, fd00::/8.
type Network struct{ netip.Prefix }

// UnmarshalText reads it. Fault: Invalid.
func (n *Network) UnmarshalText(text []byte) error {
	if ip, err := netip.ParseAddr(string(text)); err == nil {
		n.Prefix = netip.PrefixFrom(ip.Unmap().WithZone(""), ip.Unmap().BitLen())
		return nil
	}
	p, err := netip.ParsePrefix(string(text))
	if err != nil {
		return fault.New(fault.Invalid, "%q is neither an address nor a network: write 10.0.0.7 or 10.0.0.0/24", text)
	}
	n.Prefix = p.Masked()
	return nil
}

// sender finds from where a request comes that has come through proxies of ours: each has written down from whom it has it, at the end
// of X-Forwarded-For. What stands before the last one that is not ours, anybody may have written.
func sender(r *http.Request, proxies []Network) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !among(host, proxies) {
		return r.RemoteAddr
	}
	said := strings.Split(strings.Join(r.Header["X-Forwarded-For"], ","), ",")
	for n := len(said) - 1; n >= 0; n-- {
		ip, err := netip.ParseAddr(strings.TrimSpace(said[n]))
		if err != nil {
			break
		}
		host = ip.Unmap().String()
		if !among(host, proxies) {
			break
		}
	}
	return net.JoinHostPort(host, "0")
}

func among(host string, proxies []Network) bool {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, p := range proxies {
		if p.Contains(ip.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}
