# smp alone, in an image without shell or packages, run by nobody.
#
#   docker build -t smp .
#   docker run --rm -e SMP_API_KEY -v smp:/state smp fetch --session @shop https://shop.com/
#   docker run --rm -p 127.0.0.1:8011:8011 smp mock --listen 0.0.0.0:8011 --allow-host localhost

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# Any owner of the checkout will do for asking it for the version.
RUN git config --global --add safe.directory /src && make build OUTPUT=/image/smp
# What a program without a system needs: the authorities that an https endpoint is
# checked against, and somewhere of its own to write.
RUN mkdir -p /image/etc/ssl/certs /own/tmp /own/state \
    && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
    && chmod 700 /own/tmp /own/state

FROM scratch
COPY --from=build /image /
COPY --from=build --chown=65534:65534 /own /
USER 65534:65534
# The ledger. Containers that share a key must share it, or they do not know of each
# other's requests.
ENV SMP_STATE_DIR=/state
VOLUME /state
ENTRYPOINT ["/smp"]
CMD ["help"]
