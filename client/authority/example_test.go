package authority_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"

	"smp/client/authority"
)

// A server answers TLS as whatever host the client names. The client trusts the CA.
func Example() {
	ca, err := authority.New("example")
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "answered as ", r.TLS.ServerName)
	}))
	server.TLS = ca.ServerConfig(func(*tls.ClientHelloInfo) string { return "" }) // no host for a client that names none
	server.StartTLS()
	defer server.Close()

	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(ca.CertPEM())
	web := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: trusted, ServerName: "shop.example", // a proxy's client names the target so
	}}}
	defer web.CloseIdleConnections()
	resp, err := web.Get(server.URL)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s, vouched for by %s\n", body, resp.TLS.PeerCertificates[0].Issuer.CommonName)
	// Output:
	// answered as shop.example, vouched for by example CA
}
