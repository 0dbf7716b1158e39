# The mock server alone in an image: one static program and the roots by which receivers of
# notifications behind TLS are trusted. The image has not been built yet; the same program was tried
# in an empty root directory.
#
#   docker build --tag rtc-mock-server .
#   docker run --rm --publish 8470:8470 --publish 127.0.0.1:8471:8471 \
#     --env RTC_MOCK_ADMIN_TOKEN=made-up-for-this-run rtc-mock-server

# Alpine's Rust makes static programs by default.
FROM rust:1.95-alpine AS build
RUN apk add --no-cache ca-certificates gcc musl-dev
WORKDIR /src
COPY . .
RUN cargo build --locked --profile dist --package rtc-mock-server

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/target/dist/rtc-mock-server /rtc-mock-server
# There is no table of users; the number is that of nobody.
USER 65534:65534
# The API and the admin API. The latter wants a token (RTC_MOCK_ADMIN_TOKEN) to listen beyond the
# container; without one, set RTC_MOCK_ADMIN_LISTEN=127.0.0.1:8471.
ENV RTC_MOCK_LISTEN=0.0.0.0:8470 RTC_MOCK_ADMIN_LISTEN=0.0.0.0:8471
EXPOSE 8470 8471
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s --start-interval=1s \
  CMD ["/rtc-mock-server", "health"]
ENTRYPOINT ["/rtc-mock-server"]
