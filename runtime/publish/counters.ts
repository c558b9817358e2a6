/** What the publisher has done since it was made. Only grows. */
export interface PublishCounters {
  /** Times a broker accepted us. */
  connected: number;
  /** Times a connection that was up broke. */
  lost: number;
  /** Attempts that ended without a connection: nobody there, or refused. */
  failedAttempts: number;
  /** Messages written to a connection, those sent again included. */
  sent: number;
  /** Bytes of their payloads. */
  sentBytes: number;
  /** Messages the broker refused or that could not be written. */
  sendErrors: number;
  /** Messages that came and on which the runtime failed inside; the log says how. */
  handlerErrors: number;
  /** Messages dropped because there was no broker (results are never kept). */
  droppedOffline: number;
  /** Results dropped because the connection took no more bytes. */
  droppedSlow: number;
  /** Decisions and answers dropped because they were too old when there was a broker again. */
  droppedExpired: number;
  /** Decisions, answers or retained topics dropped because too many waited. */
  droppedFull: number;
  /** Retained messages replaced by a newer one of their topic before they were sent. */
  conflated: number;
  /** Commands answered, with or without success. */
  commands: number;
  /** Commands answered with an error. */
  commandErrors: number;
  /** Retained messages on command topics: refused, for nobody asked now. */
  commandsRetained: number;
  /** Commands refused because their time was over. */
  commandsExpired: number;
}

export function createPublishCounters(): PublishCounters {
  return {
    connected: 0,
    lost: 0,
    failedAttempts: 0,
    sent: 0,
    sentBytes: 0,
    sendErrors: 0,
    handlerErrors: 0,
    droppedOffline: 0,
    droppedSlow: 0,
    droppedExpired: 0,
    droppedFull: 0,
    conflated: 0,
    commands: 0,
    commandErrors: 0,
    commandsRetained: 0,
    commandsExpired: 0,
  };
}
