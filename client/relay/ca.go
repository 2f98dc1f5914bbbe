package relay

import "smp/client/authority"

// CA is the one that a relay signs with. Without a file its key is in memory alone,
// and nothing trusts it any more once the relay has ended. With one it is kept there
// for clients that import it by hand, see [authority.Open].
func CA(file string) (*authority.Authority, error) {
	const name = "smp relay"
	if file == "" {
		return authority.New(name)
	}
	return authority.Open(file, name)
}
