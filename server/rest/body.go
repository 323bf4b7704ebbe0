package rest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/ficushealth/ficus/fault"
)

// body reads a whole body, inflated, of at most limit bytes, and gives the rest of the work its time. A larger one waits for
// its share of the room first, which the request keeps. Faults: TooLarge, Unsupported (an unknown encoding), Invalid (bad
// gzip, a connection that broke off), Slow, Unavailable (no room in time, or too slow
// for others who wait).
func (c *call) body(limit int64) ([]byte, error) {
	defer c.clock()
	b, err := c.readBody(limit)
	if err == nil && !c.due.IsZero() {
		c.deadline(time.Time{})
	}
	return b, err
}

func (c *call) readBody(limit int64) ([]byte, error) {
	if c.r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	from, size, err := plain(c.w, c.r, limit)
	if err != nil {
		return nil, err
	}
	if size >= 0 {
		return c.known(paced{from, c}, size)
	}
	return c.unknown(paced{from, c}, limit)
}

// plain is the body as it was before it was compressed, and its size, -1 if that is not known.
func plain(w http.ResponseWriter, r *http.Request, limit int64) (io.Reader, int64, error) {
	from := http.MaxBytesReader(w, r.Body, limit)
	switch strings.ToLower(r.Header.Get("Content-Encoding")) {
	case "", "identity":
		return from, r.ContentLength, nil
	case "gzip", "x-gzip":
		z, err := inflate(from, limit)
		return z, -1, err
	}
	w.Header().Set("Accept-Encoding", "gzip") // RFC 9110 section 12.5.3
	return nil, 0, fault.New(fault.Unsupported, "the body's Content-Encoding must be gzip or none")
}

func inflate(from io.Reader, limit int64) (io.Reader, error) {
	z, err := gzip.NewReader(from)
	if errors.Is(err, gzip.ErrHeader) {
		return nil, fault.New(fault.Invalid, "the body is not gzip, as its Content-Encoding says")
	}
	if err != nil {
		return nil, broken(err, limit)
	}
	return z, nil
}

// known reads a body of that size. Its beginning must be there before it takes or waits for a share: who only says that he will
// send much has nothing that others could wait for.
func (c *call) known(from io.Reader, size int64) ([]byte, error) {
	head := make([]byte, min(size, freeBody))
	if size > freeBody {
		c.due = time.Now().Add(c.s.pace.grace)
	}
	if _, err := io.ReadFull(from, head); err != nil || size <= freeBody {
		return head, c.broken(err, size)
	}
	if err := c.expect(size); err != nil {
		return nil, err
	}
	c.due = time.Now().Add(c.s.pace.grace)
	b := make([]byte, size)
	_, err := io.ReadFull(from, b[copy(b, head):])
	return b, c.broken(err, size)
}

// unknown reads a body that may have any size up to the limit, and takes larger shares as it grows.
func (c *call) unknown(from io.Reader, limit int64) ([]byte, error) {
	var read parts
	for most := int64(freeBody); ; most = larger(most) {
		if err := c.expect(min(most, limit)); err != nil {
			return nil, err
		}
		err := read.upTo(min(most, limit+1), from)
		switch {
		case read.size > limit:
			return nil, tooLarge(limit)
		case err == io.EOF:
			c.share.shrink(read.size)
			return slices.Concat(read.list...), nil
		case err != nil:
			return nil, c.broken(err, limit)
		}
	}
}

// larger is for how many bytes a body has a share next: 1 MiB, 4 MiB, 16 MiB and so on, never many times what it holds.
func larger(most int64) int64 { return max(4*most, smallBody) }

// parts are a body while it comes.
type parts struct {
	list [][]byte
	size int64
}

// upTo reads on until there are n bytes. Its error is that which ended it before.
func (p *parts) upTo(n int64, from io.Reader) error {
	for p.size < n {
		part, err := readPart(from, min(n-p.size, max(p.size, bytes.MinRead)))
		p.list, p.size = append(p.list, part), p.size+int64(len(part))
		if err != nil {
			return err
		}
	}
	return nil
}

// readPart reads n bytes; fewer with the error that ended it.
func readPart(from io.Reader, n int64) ([]byte, error) {
	b, got := make([]byte, n), 0
	for got < len(b) {
		more, err := from.Read(b[got:])
		if got += more; err != nil {
			return b[:got], err
		}
	}
	return b, nil
}

// take waits for the request's share; one that it has grows at once.
func (c *call) take(n int64) (err error) {
	switch {
	case c.share.n == 0:
		c.share, err = c.s.room.take(c.ctx, callerOf(c.p), n)
	case n > c.share.n:
		err = c.s.room.grow(&c.share, n)
	}
	return err
}

// beside takes room for n bytes besides the body: what is stored and taken apart by a patch. All parts of a request say what they need
// by themselves, and may say it again; the most counts.
func (c *call) beside(n int64) error {
	c.patches.Lock()
	defer c.patches.Unlock()
	if c.ofBody == nil {
		c.ofBody = new(c.share.n)
	}
	return c.take(*c.ofBody + n)
}

// expect is take for a body that is still to come.
func (c *call) expect(n int64) error {
	if err := c.take(n); err != nil || c.share.n == 0 {
		return err
	}
	if c.due.IsZero() {
		c.due = time.Now().Add(c.s.pace.grace)
	}
	return nil
}

func tooLarge(limit int64) error {
	return fault.New(fault.TooLarge, "the body is larger than the %d bytes that this server accepts", limit)
}

// broken is what to say of a body that ended early, nil if it did not. Who was slow for those who wait alone may send it again.
func (c *call) broken(err error, limit int64) error {
	switch late := errors.Is(err, os.ErrDeadlineExceeded); {
	case err == nil:
		return nil
	case late && c.idle:
		return fault.New(fault.Slow, "nothing more of the body came, and it was waited for no longer; send it again without a pause")
	case late && c.hurried:
		return fault.New(fault.Unavailable, "the body came too slowly while others waited for room, and was read no further; send it again, faster or in smaller parts")
	}
	return broken(err, limit)
}

func broken(err error, limit int64) error {
	if _, is := errors.AsType[*http.MaxBytesError](err); is {
		return tooLarge(limit)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fault.New(fault.Slow, "the body came too slowly, and was read no further")
	}
	return fault.New(fault.Invalid, "the body could not be read to its end")
}
