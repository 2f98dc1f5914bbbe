package commands

import (
	"encoding/base64"
	"slices"
	"testing"
)

// In base64, with the colon of Basic or without, the key is as readable as it is plainly.
// The length decides which letters depend on what follows the key.
func TestTheKeyIsFoundInBase64(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"0123456789abcdef", "0123456789abcdef0", "0123456789abcdef01"} {
		for _, plain := range []string{key, key + ":"} {
			encoded := base64.StdEncoding.EncodeToString([]byte(plain))
			a := newApp(testEnv(t).Env, nil)
			a.typed = []string{"shop", "a=" + encoded}
			if a.notTyped(key) == nil {
				t.Errorf("%s may be typed as %s", plain, encoded)
			}
			kept, dropped := withholdKey([]string{"PATH=/bin", "PROXY_AUTH=Basic " + encoded}, key)
			if !slices.Equal(kept, []string{"PATH=/bin"}) || !slices.Equal(dropped, []string{"PROXY_AUTH"}) {
				t.Errorf("%s as %s: COMMAND gets %q, and not %q", plain, encoded, kept, dropped)
			}
		}
		a := newApp(testEnv(t).Env, nil)
		a.typed = []string{base64.StdEncoding.EncodeToString([]byte("another key of that length"))}
		if err := a.notTyped(key); err != nil {
			t.Errorf("another text in base64: %v", err)
		}
	}
}
