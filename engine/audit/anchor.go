package audit

import (
	"bufio"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/ficushealth/ficus/fault"
)

// anchorLine is a line of the anchor file: at this time, the chain of the tenant ended with this block.
type anchorLine struct {
	Tenant int32     `json:"tenant"`
	Block  int64     `json:"block"`
	Hash   string    `json:"hash"` // hexadecimal
	At     time.Time `json:"at"`
	MAC    string    `json:"mac"` // hexadecimal, over tenant, block and hash
}

func (a anchorLine) protect(key [32]byte) string {
	h := keyed(key, "ficus audit anchor 1", a.Tenant)
	writeInt(h, a.Block)
	h.Write([]byte(a.Hash))
	return hex.EncodeToString(h.Sum(nil))
}

// anchor writes the blocks that are owed to the anchor file, and to its disk.
func (s *Sealer) anchor() error {
	if s.o.Anchor == "" || len(s.owed) == 0 {
		s.owed = nil
		return nil
	}
	lines, err := s.anchorLines()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(s.o.Anchor, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.New(fault.Unavailable, "the audit anchor cannot be opened: %v", err)
	}
	_, err = f.Write(lines)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fault.New(fault.Unavailable, "the audit anchor cannot be written: %v", err)
	}
	s.owed = nil
	return nil
}

func (s *Sealer) anchorLines() (lines []byte, err error) {
	for i := range s.owed {
		b := &s.owed[i]
		key, err := s.keys(b.tenant)
		if err != nil {
			return nil, err
		}
		a := anchorLine{Tenant: b.tenant, Block: b.n, Hash: hex.EncodeToString(b.hash[:]), At: s.o.Now().UTC()}
		a.MAC = a.protect(key)
		line, err := json.Marshal(a)
		if err != nil {
			return nil, err
		}
		lines = append(append(lines, line...), '\n')
	}
	return lines, nil
}

// readAnchor gives a tenant's lines: what block n was. torn counts the lines that are no lines of an anchor file or bear a
// wrong MAC; a last line without its end is half-written and does not count.
func readAnchor(path string, key [32]byte, tenant int32) (hashes map[int64]string, torn int, err error) {
	hashes = map[int64]string{}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fault.New(fault.Unknown, "there is no audit anchor at %s", path)
	}
	if err != nil {
		return nil, 0, fault.New(fault.Unavailable, "the audit anchor cannot be read: %v", err)
	}
	defer f.Close()
	lines := bufio.NewReader(f)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return hashes, torn, nil
		}
		var a anchorLine
		if json.Unmarshal(line, &a) != nil {
			torn++
			continue
		}
		if a.Tenant != tenant {
			continue
		}
		if !hmac.Equal([]byte(a.MAC), []byte(a.protect(key))) {
			torn++
			continue
		}
		hashes[a.Block] = a.Hash
	}
}
