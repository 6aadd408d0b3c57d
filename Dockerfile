# SPDX-License-Identifier: Apache-2.0
# A container image of the exporter:
#
#   docker build -t mqtt-reason-exporter .
#   docker run -p 127.0.0.1:10883:10883 -v /var/log/mosquitto:/var/log/mosquitto:ro mqtt-reason-exporter \
#     serve --web.listen-address=:10883 --log.path /var/log/mosquitto/mosquitto.log
#
# Without arguments it reads /etc/mqtt-reason-exporter/exporter.yaml. Arguments replace those of CMD, so they must repeat
# the listen address: the default, 127.0.0.1, can be reached from within the container only. The user is 65532;
# --user "$(stat -c %u:%g LOG)" runs it as a user that can read a mounted log. Persistent state is in the volume
# /var/lib/mqtt-reason-exporter.
FROM docker.io/library/debian:trixie-slim AS build
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      cmake g++ libasio-dev libcpp-httplib-dev libcrypt-dev libexpected-dev libfmt-dev libpaho-mqtt-dev libpaho-mqttpp-dev libpcap-dev \
      libseccomp-dev libsimdjson-dev libspdlog-dev libssl-dev libyaml-cpp-dev ninja-build pkg-config prometheus-cpp-dev \
      zlib1g-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# The program is stripped, so it is built without debug information; in unity, which takes half the time.
RUN cmake --preset release -DMRE_TESTS=OFF -DMRE_WARNINGS_ARE_ERRORS=OFF -DCMAKE_INSTALL_PREFIX=/usr \
      -DMRE_UNITY=ON -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O2 -DNDEBUG" \
 && cmake --build --preset release --target mqtt-reason-exporter \
 && DESTDIR=/out cmake --install build/release --component runtime --strip

FROM docker.io/library/debian:trixie-slim
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="mqtt-reason-exporter" \
      org.opencontainers.image.description="Prometheus exporter for MQTT reason codes" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="docker.io/library/debian:trixie-slim"
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      ca-certificates libcap2-bin libcpp-httplib0.18 libcrypt1 libfmt10 libpaho-mqtt1.3 libpaho-mqttpp3-1 libpcap0.8t64 \
      libprometheus-cpp-core1.0 libseccomp2 libsimdjson25 libspdlog1.15 libyaml-cpp0.8 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/usr/bin/mqtt-reason-exporter /usr/bin/mqtt-reason-exporter
# A capture needs it if the user is not root. It is permitted, not effective: only a capture raises it.
RUN setcap cap_net_raw=p /usr/bin/mqtt-reason-exporter
# Writable for every user, because --user may be any: only their owner can read the files in it.
RUN mkdir -m 1777 /var/lib/mqtt-reason-exporter
ENV STATE_DIRECTORY=/var/lib/mqtt-reason-exporter
VOLUME /var/lib/mqtt-reason-exporter
USER 65532:65532
EXPOSE 10883
ENTRYPOINT ["/usr/bin/mqtt-reason-exporter"]
CMD ["serve", "--web.listen-address=:10883", "--config.file=/etc/mqtt-reason-exporter/exporter.yaml"]
